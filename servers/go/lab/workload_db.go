//go:build !slim || db

package lab

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func init() { register("db", newDB) }

const (
	dbMostID    = 10_000
	dbStatement = "item"
	dbSelect    = "SELECT id, name, quantity FROM items WHERE id = $1"
	// dbPatience is how long the database may take for one request, its connection and the wait for a free one
	// included.
	dbPatience = 2 * time.Second
)

type dbItem struct {
	ID       int32  `json:"id"`
	Name     string `json:"name"`
	Quantity int32  `json:"quantity"`
}

// db opens its pool when it is first asked; nil without LAB_DB.
type db func() (*pgxpool.Pool, error)

func newDB(_ Program, settings Settings) (Route, error) {
	var open db
	if settings.DB != "" {
		config, err := pgxpool.ParseConfig(settings.DB)
		if err != nil {
			return Route{}, wrongURL(settings.DB)
		}
		config.MaxConns = int32(settings.DBPool)
		config.AfterConnect = func(ctx context.Context, connection *pgx.Conn) error {
			_, err := connection.Prepare(ctx, dbStatement, dbSelect)
			return err
		}
		open = sync.OnceValues(func() (*pgxpool.Pool, error) {
			return pgxpool.NewWithConfig(context.Background(), config)
		})
	}
	return Route{Method: "GET", Path: "/db/", HasParam: true, Answer: open.answer}, nil
}

func (open db) answer(request Request) Answer {
	id, ok := wholeNumber(request.Param, 1, dbMostID)
	if !ok {
		return wrong(400, "id: want a whole number from 1 to 10000")
	}
	if open == nil {
		return wrong(503, "no database: LAB_DB is not set")
	}
	ctx, cancel := context.WithTimeout(context.Background(), dbPatience)
	defer cancel()
	item, err := open.item(ctx, id)
	switch {
	case err == nil:
		return object(item)
	case errors.Is(err, pgx.ErrNoRows):
		return wrong(404, "no such row")
	case ctx.Err() != nil:
		return wrong(503, "no answer from the database within 2 s")
	default:
		return wrong(503, "no answer from the database: "+err.Error())
	}
}

func (open db) item(ctx context.Context, id int) (item dbItem, err error) {
	pool, err := open()
	if err != nil {
		return item, err
	}
	err = pool.QueryRow(ctx, dbStatement, id).Scan(&item.ID, &item.Name, &item.Quantity)
	return item, err
}

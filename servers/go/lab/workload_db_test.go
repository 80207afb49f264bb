//go:build !slim || db

package lab

import (
	"encoding/binary"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

func TestWithoutADatabaseIs503(t *testing.T) {
	ask(t, newTestService(t, nil), "/db/17", "").
		expect(t, 503, ApplicationJSON, `{"error":"no database: LAB_DB is not set"}`)
}

func TestAnotherIDIs400(t *testing.T) {
	service := newTestService(t, nil)
	for _, wrong := range []string{"0", "10001", "-1", "+1", "x", "1.5", "%31", "99999999999999999999"} {
		ask(t, service, "/db/"+wrong, "").
			expect(t, 400, ApplicationJSON, `{"error":"id: want a whole number from 1 to 10000"}`)
	}
}

func TestAWrongURLIsASetting(t *testing.T) {
	for _, url := range []string{"postgres://lab@db:x/lab", "postgres://db:99999/lab", "postgres://%zz/lab"} {
		_, err := NewService(Program{}, Settings{DB: url})
		var wrong settingError
		if !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), `LAB_DB="`+url+`": want a URL such as `) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestADatabaseThatIsNotThereIs503AtOnce(t *testing.T) {
	began := time.Now()
	answer := ask(t, withDB(t, "127.0.0.1:"+freePort(t)), "/db/17", "")
	if answer.Status != 503 || !strings.HasPrefix(string(answer.Body), `{"error":"no answer from the database: `) || time.Since(began) > time.Second {
		t.Errorf("%d %s after %v", answer.Status, answer.Body, time.Since(began))
	}
}

func TestADatabaseThatSaysNothingIs503After2Seconds(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	began := time.Now()
	ask(t, withDB(t, listener.Addr().String()), "/db/17", "").
		expect(t, 503, ApplicationJSON, `{"error":"no answer from the database within 2 s"}`)
	if took := time.Since(began); took < 1900*time.Millisecond || took > 2900*time.Millisecond {
		t.Errorf("after %v", took)
	}
}

func TestRowsComeOverAStatementPreparedOnce(t *testing.T) {
	postgres := startPostgres(t)
	service := withDB(t, postgres.address)
	if postgres.connections.Load() != 0 {
		t.Error("a connection before the first request")
	}
	for range 3 {
		ask(t, service, "/db/17", "").expect(t, 200, ApplicationJSON, `{"id":17,"name":"item-17","quantity":119}`)
	}
	ask(t, service, "/db/10000", "").expect(t, 404, ApplicationJSON, `{"error":"no such row"}`)
	if connections, prepared := postgres.connections.Load(), postgres.prepared.Load(); connections != 1 || prepared != 1 {
		t.Errorf("%d connections, prepared %d times", connections, prepared)
	}
}

func withDB(t *testing.T, address string) *Service {
	t.Helper()
	return newTestService(t, map[string]string{"LAB_DB": "postgres://lab:lab@" + address + "/lab?sslmode=disable", "LAB_DB_POOL": "1"})
}

// postgres speaks just enough of the protocol for one prepared statement; it has row 17 alone.
type postgres struct {
	address               string
	connections, prepared atomic.Int64
}

func startPostgres(t *testing.T) *postgres {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	server := &postgres{address: listener.Addr().String()}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			server.connections.Add(1)
			go server.talk(connection)
		}
	}()
	return server
}

func (server *postgres) talk(connection net.Conn) {
	defer connection.Close()
	backend := pgproto3.NewBackend(connection, connection)
	if _, err := backend.ReceiveStartupMessage(); err != nil {
		return
	}
	backend.Send(&pgproto3.AuthenticationOk{})
	backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	asked := uint32(0)
	for backend.Flush() == nil {
		message, err := backend.Receive()
		if err != nil {
			return
		}
		switch message := message.(type) {
		case *pgproto3.Parse:
			server.prepared.Add(1)
			backend.Send(&pgproto3.ParseComplete{})
		case *pgproto3.Describe:
			if message.ObjectType == 'S' {
				backend.Send(&pgproto3.ParameterDescription{ParameterOIDs: []uint32{23}})
			}
			backend.Send(columns())
		case *pgproto3.Bind:
			asked = binary.BigEndian.Uint32(message.Parameters[0])
			backend.Send(&pgproto3.BindComplete{})
		case *pgproto3.Execute:
			if asked == 17 {
				backend.Send(&pgproto3.DataRow{Values: [][]byte{{0, 0, 0, 17}, []byte("item-17"), {0, 0, 0, 119}}})
			}
			backend.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
		case *pgproto3.Sync:
			backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		case *pgproto3.Terminate:
			return
		}
	}
}

// columns are those of the table: int4, text, int4, in binary where the client asked for it.
func columns() *pgproto3.RowDescription {
	column := func(name string, oid uint32, size int16, format int16) pgproto3.FieldDescription {
		return pgproto3.FieldDescription{Name: []byte(name), DataTypeOID: oid, DataTypeSize: size, TypeModifier: -1, Format: format}
	}
	return &pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{
		column("id", 23, 4, 1), column("name", 25, -1, 0), column("quantity", 23, 4, 1),
	}}
}

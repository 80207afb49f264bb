package lab

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestBodiesAreReadUpToTheLimit(t *testing.T) {
	for _, size := range []int{0, 1, expected - 1, expected, expected + 1000, BodyMost - 1, BodyMost} {
		for _, announced := range []int{size, -1} {
			body, err := ReadBody(strings.NewReader(strings.Repeat("x", size)), int64(announced))
			if err != nil || len(body) != size {
				t.Errorf("%d bytes, announced %d: %d, %v", size, announced, len(body), err)
			}
		}
	}
}

func TestWhatIsTooLargeIsRefused(t *testing.T) {
	if _, err := ReadBody(unread{t}, BodyMost+1); !errors.Is(err, ErrBodyTooLarge) {
		t.Errorf("announced: %v", err)
	}
	if _, err := ReadBody(strings.NewReader(strings.Repeat("x", BodyMost+1)), -1); !errors.Is(err, ErrBodyTooLarge) {
		t.Errorf("come: %v", err)
	}
	BodyRefused(ErrBodyTooLarge).expect(t, 413, ApplicationJSON, `{"error":"body: want at most 65536 bytes"}`)
}

func TestABodyThatBreaksOffIsRefused(t *testing.T) {
	if _, err := ReadBody(strings.NewReader("abc"), 4); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("shorter than announced: %v", err)
	}
	broken := io.MultiReader(strings.NewReader("abc"), failing{})
	if _, err := ReadBody(broken, -1); !errors.Is(err, errFailing) {
		t.Errorf("broken: %v", err)
	}
	BodyRefused(errFailing).expect(t, 400, ApplicationJSON, `{"error":"body: want as many bytes as its head says"}`)
}

func TestABodyIsGivenNoMoreThanHasCome(t *testing.T) {
	half := &halting{strings.NewReader("abc"), make(chan int)}
	go func() { _, _ = ReadBody(half, BodyMost) }()
	if offered := <-half.offered; offered > expected+1024 {
		t.Errorf("%d bytes are set aside for a body that has not come", offered)
	}
}

type unread struct{ t *testing.T }

func (body unread) Read([]byte) (int, error) {
	body.t.Error("it was read")
	return 0, io.EOF
}

var errFailing = errors.New("failing")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errFailing }

// halting tells how much room its reader has when there is nothing more to read, and ends.
type halting struct {
	io.Reader
	offered chan int
}

func (body *halting) Read(into []byte) (int, error) {
	n, err := body.Reader.Read(into)
	if err == io.EOF {
		body.offered <- len(into)
	}
	return n, err
}

package lab

import (
	"bytes"
	"errors"
	"io"
)

// expected is what is set aside for a body at once; a longer one grows with what has come, not with what was
// announced. Bytes.
const expected = 4 << 10

// ErrBodyTooLarge is for a body of more than BodyMost bytes.
var ErrBodyTooLarge = errors.New("body too large")

// ReadBody reads the body of a request. announced is its length as the head tells it, in bytes; negative where it
// does not. It fails with ErrBodyTooLarge, which it tells of what is announced without reading it, or on a body
// whose end does not come or whose framing is wrong.
func ReadBody(body io.Reader, announced int64) ([]byte, error) {
	if announced > BodyMost {
		return nil, ErrBodyTooLarge
	}
	size := min(max(announced, 0), expected) + bytes.MinRead // the end is seen without growing
	read := bytes.NewBuffer(make([]byte, 0, size))
	if _, err := read.ReadFrom(io.LimitReader(body, BodyMost+1)); err != nil {
		return nil, err
	}
	if read.Len() > BodyMost {
		return nil, ErrBodyTooLarge
	}
	if int64(read.Len()) < announced {
		return nil, io.ErrUnexpectedEOF
	}
	return read.Bytes(), nil
}

// BodyRefused answers where ReadBody failed with err.
func BodyRefused(err error) Answer {
	if errors.Is(err, ErrBodyTooLarge) {
		return wrong(413, "body: want at most 65536 bytes")
	}
	return wrong(400, "body: want as many bytes as its head says")
}

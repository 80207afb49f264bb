package lab

import "testing"

func TestOnlyOneObjectIsTaken(t *testing.T) {
	for body, want := range map[string]bool{
		`{"n":7}`:                  true,
		" \r\n\t{ \"n\" : 7 } \n":  true,
		`{"why":[{"n":1}],"n":7}`:  true,
		``:                         false,
		`null`:                     false,
		`7`:                        false,
		`[{"n":7}]`:                false,
		`{"n":7`:                   false,
		`{"n":7}{`:                 false,
		`{"n":7} x`:                false,
		`{"n":"7"}`:                false,
		`{"n":7.5}`:                false,
		`{"n":-7}`:                 false,
		`{"n":4294967296}`:         false,
		`{"n":true}`:               false,
		`{n:7}`:                    false,
		`{"n":7,}`:                 false,
		"\xef\xbb\xbf" + `{"n":7}`: false,
	} {
		var got struct {
			N uint32 `json:"n"`
		}
		if ok := decodeObject([]byte(body), &got); ok != want || ok && got.N != 7 {
			t.Errorf("%q: %t, %d", body, ok, got.N)
		}
	}
}

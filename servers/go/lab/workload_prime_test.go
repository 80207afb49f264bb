//go:build !slim || prime

package lab

import "testing"

func TestPrimesAreRightInBothWays(t *testing.T) {
	for _, kind := range []string{"each", "once"} {
		service := newTestService(t, map[string]string{"LAB_PRIME": kind})
		for body, want := range map[string]string{
			`{"n":1}`:                    `{"n":1,"prime":2}`,
			`{"n":2}`:                    `{"n":2,"prime":3}`,
			`{"n":5}`:                    `{"n":5,"prime":11}`,
			`{ "why" : [], "n" : 1000 }`: `{"n":1000,"prime":7919}`,
			`{"n":10000}`:                `{"n":10000,"prime":104729}`,
		} {
			ask(t, service, "/calculate", body).expect(t, 200, ApplicationJSON, want)
		}
	}
}

func TestTheLastPrimeIsInside(t *testing.T) {
	service := newTestService(t, map[string]string{"LAB_PRIME": "once"})
	ask(t, service, "/calculate", `{"n":100000}`).expect(t, 200, ApplicationJSON, `{"n":100000,"prime":1299709}`)
}

func TestAnotherQuestionIs400(t *testing.T) {
	service := newTestService(t, nil)
	for _, body := range []string{
		``, `x`, `[]`, `null`, `{}`, `{"n":null}`, `{"n":0}`, `{"n":-1}`, `{"n":100001}`, `{"n":"5"}`, `{"n":1.5}`,
		`{"n":99999999999999999999}`, `{"n":5`,
	} {
		ask(t, service, "/calculate", body).
			expect(t, 400, ApplicationJSON, `{"error":"body: want {\"n\": a whole number from 1 to 100000}"}`)
	}
}

package lab

import "testing"

func environment(pairs map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, set := pairs[name]
		return value, set
	}
}

func defaults() Settings {
	return Settings{Port: 8080, DBPool: 8, Prime: "each", PrimeOn: "inline", KV: "rwlock", Sonyflake: "blocking"}
}

func TestSettingsDefaults(t *testing.T) {
	settings, err := ReadSettings(environment(nil))
	if err != nil || settings != defaults() {
		t.Fatalf("got %+v, %v", settings, err)
	}
}

func TestSettingsEdgesAreInside(t *testing.T) {
	settings, err := ReadSettings(environment(map[string]string{
		"LAB_PORT": "65535", "LAB_MACHINE_ID": "65535", "LAB_WORKERS": "1024", "LAB_DB_POOL": "1024",
	}))
	want := defaults()
	want.Port, want.MachineID, want.Workers, want.DBPool = 65535, 65535, 1024, 1024
	if err != nil || settings != want {
		t.Fatalf("got %+v, %v", settings, err)
	}
}

func TestSettingsOtherWordsAreTaken(t *testing.T) {
	settings, err := ReadSettings(environment(map[string]string{
		"LAB_PRIME": "once", "LAB_PRIME_ON": "inline", "LAB_KV": "sharded", "LAB_SONYFLAKE": "async",
		"LAB_DB": "postgres://lab:lab@127.0.0.1:5432/lab",
	}))
	want := defaults()
	want.Prime, want.KV, want.Sonyflake, want.DB = "once", "sharded", "async", "postgres://lab:lab@127.0.0.1:5432/lab"
	if err != nil || settings != want {
		t.Fatalf("got %+v, %v", settings, err)
	}
}

func TestSettingsWrongValuesAreNamed(t *testing.T) {
	for _, wrong := range []struct{ name, value, asked string }{
		{"LAB_PORT", "0", "a whole number from 1 to 65535"},
		{"LAB_PORT", "65536", "a whole number from 1 to 65535"},
		{"LAB_PORT", "", "a whole number from 1 to 65535"},
		{"LAB_MACHINE_ID", "-1", "a whole number from 0 to 65535"},
		{"LAB_MACHINE_ID", "twelve", "a whole number from 0 to 65535"},
		{"LAB_WORKERS", "0", "a whole number from 1 to 1024"},
		{"LAB_WORKERS", "1025", "a whole number from 1 to 1024"},
		{"LAB_WORKERS", "1.5", "a whole number from 1 to 1024"},
		{"LAB_DB_POOL", "0", "a whole number from 1 to 1024"},
		{"LAB_PRIME", "Each", "each or once"},
		{"LAB_PRIME_ON", "offload", "inline"},
		{"LAB_KV", "", "rwlock or sharded"},
		{"LAB_SONYFLAKE", "sync", "blocking or async"},
		{"LAB_DB", "", "a URL such as postgres://lab:lab@127.0.0.1:5432/lab"},
		{"LAB_DB", "host=127.0.0.1", "a URL such as postgres://lab:lab@127.0.0.1:5432/lab"},
	} {
		_, err := ReadSettings(environment(map[string]string{wrong.name: wrong.value}))
		want := wrong.name + `="` + wrong.value + `": want ` + wrong.asked
		if err == nil || err.Error() != want {
			t.Errorf("%s=%q: got %v, want %s", wrong.name, wrong.value, err, want)
		}
	}
}

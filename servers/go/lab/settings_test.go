package lab

import "testing"

func environment(pairs map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, set := pairs[name]
		return value, set
	}
}

func TestSettingsDefaults(t *testing.T) {
	settings, err := ReadSettings(environment(nil))
	if err != nil || settings != (Settings{Port: 8080}) {
		t.Fatalf("got %+v, %v", settings, err)
	}
}

func TestSettingsEdgesAreInside(t *testing.T) {
	settings, err := ReadSettings(environment(map[string]string{"LAB_PORT": "65535", "LAB_MACHINE_ID": "65535", "LAB_WORKERS": "1024"}))
	if err != nil || settings != (Settings{65535, 65535, 1024}) {
		t.Fatalf("got %+v, %v", settings, err)
	}
}

func TestSettingsWrongValuesAreNamed(t *testing.T) {
	for _, wrong := range []struct{ name, value, asked string }{
		{"LAB_PORT", "0", "1 to 65535"},
		{"LAB_PORT", "65536", "1 to 65535"},
		{"LAB_PORT", "", "1 to 65535"},
		{"LAB_MACHINE_ID", "-1", "0 to 65535"},
		{"LAB_MACHINE_ID", "twelve", "0 to 65535"},
		{"LAB_WORKERS", "0", "1 to 1024"},
		{"LAB_WORKERS", "1025", "1 to 1024"},
		{"LAB_WORKERS", "1.5", "1 to 1024"},
	} {
		_, err := ReadSettings(environment(map[string]string{wrong.name: wrong.value}))
		want := wrong.name + `="` + wrong.value + `": want a whole number from ` + wrong.asked
		if err == nil || err.Error() != want {
			t.Errorf("%s=%q: got %v, want %s", wrong.name, wrong.value, err, want)
		}
	}
}

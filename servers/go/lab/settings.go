package lab

import (
	"fmt"
	"strconv"
)

// Settings are what the environment may change. They are read once, at start.
type Settings struct {
	Port      int // LAB_PORT, 1-65535, default 8080
	MachineID int // LAB_MACHINE_ID, 0-65535, default 0: the Sonyflake machine id
	Workers   int // LAB_WORKERS, 1-1024; 0 = not set, the runtime decides
}

// ReadSettings takes the settings from lookup (os.LookupEnv). A value that is set but wrong is an error
// that names the variable, the value and what was wanted; the empty string is wrong too.
func ReadSettings(lookup func(string) (string, bool)) (Settings, error) {
	settings := Settings{Port: 8080}
	for _, number := range []struct {
		name        string
		least, most int
		into        *int
	}{
		{"LAB_PORT", 1, 65535, &settings.Port},
		{"LAB_MACHINE_ID", 0, 65535, &settings.MachineID},
		{"LAB_WORKERS", 1, 1024, &settings.Workers},
	} {
		text, set := lookup(number.name)
		if !set {
			continue
		}
		value, err := strconv.Atoi(text)
		if err != nil || value < number.least || value > number.most {
			return Settings{}, fmt.Errorf("%s=%q: want a whole number from %d to %d", number.name, text, number.least, number.most)
		}
		*number.into = value
	}
	return settings, nil
}

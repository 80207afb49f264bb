package lab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Settings are what the environment may change. They are read once, at start.
type Settings struct {
	Port      int    // LAB_PORT, 1-65535, default 8080
	MachineID int    // LAB_MACHINE_ID, 0-65535, default 0: the Sonyflake machine id
	Workers   int    // LAB_WORKERS, 1-1024; 0 = not set, the runtime decides
	Prime     string // LAB_PRIME, each (default) or once: when the square root is taken
	PrimeOn   string // LAB_PRIME_ON, inline: a goroutine has no other place
	KV        string // LAB_KV, rwlock (default) or sharded
	DB        string // LAB_DB, a connection URL; empty = not set, no database
	DBPool    int    // LAB_DB_POOL, 1-1024, default 8: the most connections to the database
	Sonyflake string // LAB_SONYFLAKE, blocking (default) or async
}

// settingError names a variable, its value and what was wanted.
type settingError string

func (err settingError) Error() string { return string(err) }

func wrongSetting(name, value, wanted string) error {
	return settingError(fmt.Sprintf("%s=%q: want %s", name, value, wanted))
}

// wrongURL is for a value of LAB_DB.
func wrongURL(value string) error {
	return wrongSetting("LAB_DB", value, "a URL such as postgres://lab:lab@127.0.0.1:5432/lab")
}

// ReadSettings takes the settings from lookup (os.LookupEnv). A value that is set but wrong is an error
// that names the variable, the value and what was wanted; the empty string is wrong too.
func ReadSettings(lookup func(string) (string, bool)) (Settings, error) {
	settings := Settings{Port: 8080, DBPool: 8}
	if err := readNumbers(lookup, &settings); err != nil {
		return Settings{}, err
	}
	if err := readWords(lookup, &settings); err != nil {
		return Settings{}, err
	}
	if url, set := lookup("LAB_DB"); set {
		// The rest of it is read where there is something that can: in the workload db.
		if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
			return Settings{}, wrongURL(url)
		}
		settings.DB = url
	}
	return settings, nil
}

func readNumbers(lookup func(string) (string, bool), settings *Settings) error {
	for _, number := range []struct {
		name        string
		least, most int
		into        *int
	}{
		{"LAB_PORT", 1, 65535, &settings.Port},
		{"LAB_MACHINE_ID", 0, 65535, &settings.MachineID},
		{"LAB_WORKERS", 1, 1024, &settings.Workers},
		{"LAB_DB_POOL", 1, 1024, &settings.DBPool},
	} {
		text, set := lookup(number.name)
		if !set {
			continue
		}
		value, err := strconv.Atoi(text)
		if err != nil || value < number.least || value > number.most {
			return wrongSetting(number.name, text, fmt.Sprintf("a whole number from %d to %d", number.least, number.most))
		}
		*number.into = value
	}
	return nil
}

func readWords(lookup func(string) (string, bool), settings *Settings) error {
	for _, word := range []struct {
		name  string
		words []string // the default first
		into  *string
	}{
		{"LAB_PRIME", []string{"each", "once"}, &settings.Prime},
		{"LAB_PRIME_ON", []string{"inline"}, &settings.PrimeOn},
		{"LAB_KV", []string{"rwlock", "sharded"}, &settings.KV},
		{"LAB_SONYFLAKE", []string{"blocking", "async"}, &settings.Sonyflake},
	} {
		text, set := lookup(word.name)
		if !set {
			text = word.words[0]
		}
		if !slices.Contains(word.words, text) {
			return wrongSetting(word.name, text, strings.Join(word.words, " or "))
		}
		*word.into = text
	}
	return nil
}

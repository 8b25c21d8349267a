package look

import (
	"os"
	"strings"
)

// UseUTF8 gives a program that was started without a language UTF-8, before
// the toolkit opens a window: otherwise that takes only ASCII from the
// keyboard.
func UseUTF8() {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		switch v := os.Getenv(name); {
		case v == "":
		case v == "C" || v == "POSIX":
			_ = os.Setenv(name, "C.UTF-8")
			return
		case strings.Contains(strings.ToLower(v), "utf"):
			return
		}
	}
	_ = os.Setenv("LC_CTYPE", "C.UTF-8")
}

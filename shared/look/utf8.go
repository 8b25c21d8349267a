package look

import (
	"os"
	"strings"
)

// UseUTF8 gives a program that was started without a language English texts
// and UTF-8, before the toolkit starts: it complains about the language "C",
// and without UTF-8 a window takes only ASCII from the keyboard.
func UseUTF8() {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		language, _, _ := strings.Cut(os.Getenv(name), ".")
		switch language {
		case "":
		case "C", "POSIX":
			english(name)
			return
		default:
			return
		}
	}
	english("LANG")
}

// english replaces the variable that says "C", or says nothing.
func english(name string) {
	if name == "LC_ALL" {
		_ = os.Unsetenv(name)
	}
	_ = os.Setenv("LC_MESSAGES", "en")
	if os.Getenv("LC_CTYPE") == "" || name == "LC_ALL" {
		_ = os.Setenv("LC_CTYPE", "C.UTF-8")
	}
}

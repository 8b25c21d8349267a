package look

import "os"

// UseUTF8 gives a program that was started without a language a plain one,
// before the toolkit starts: it complains about "C".
func UseUTF8() {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" && v != "C" && v != "POSIX" {
			return
		}
	}
	_ = os.Setenv("LANG", "C.UTF-8")
	_ = os.Unsetenv("LC_ALL")
}

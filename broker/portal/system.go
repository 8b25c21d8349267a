package portal

import (
	"net/http"
	"strings"
)

// system is what a visitor's computer runs, as far as its browser tells.
type system string

// The systems that Handrail's program is there for, by the names that they have
// for people, and those of telephones.
const (
	windows system = "Windows"
	macOS   system = "macOS"
	linux   system = "Linux"

	android  system = "Android"
	iOS      system = "iOS"
	chromeOS system = "ChromeOS"
)

// runs says whether Handrail's program runs there. A browser that tells nothing
// is treated like one elsewhere: with what to do, instead of wrong steps.
func (s system) runs() bool { return s == windows || s == macOS || s == linux }

// held says whether it is a telephone's or a tablet's.
func (s system) held() bool { return s == android || s == iOS }

// systemOf reads what a browser tells about its system: the hint that Chromium
// sends without being asked, else the old line.
func systemOf(h http.Header) system {
	switch strings.Trim(h.Get("Sec-CH-UA-Platform"), `"`) {
	case "Windows":
		return windows
	case "macOS":
		return macOS
	case "Linux":
		return linux
	case "Android":
		return android
	case "iOS":
		return iOS
	case "Chrome OS", "Chromium OS":
		return chromeOS
	}
	agent := h.Get("User-Agent")
	for _, s := range []struct {
		part string
		is   system
	}{ // the order matters: Android says Linux, too
		{"Windows Phone", ""},
		{"Windows NT", windows},
		{"iPhone", iOS},
		{"iPad", iOS},
		{"iPod", iOS},
		{"Android", android},
		{"CrOS", chromeOS},
		{"Macintosh", macOS},
		{"Linux", linux},
	} {
		if strings.Contains(agent, s.part) {
			return s.is
		}
	}
	return ""
}

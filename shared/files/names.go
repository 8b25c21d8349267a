// Package files decides about files on their way between two machines: what
// they may be called on a disk, and what is sent, asked for and believed, block
// by block. It touches no disk: package disk does, and package courier brings
// the two together.
package files

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of names on disks.
const (
	MaxName  = 200 // bytes of one name: 255 on most systems, less what Free and a disk's own marks add
	MaxDepth = 64  // folders within folders: further down paths end on Windows
)

// nameless is what something is called whose name has nothing to it.
const nameless = "file"

// Clean makes of a name that comes from the other side one that can stand in a
// folder of any system: it leads nowhere else, opens no device and no stream,
// and reads as it is written. Clean of its own result changes nothing.
//
// What Windows forbids is replaced everywhere, because files travel on: see
// "Naming Files, Paths, and Namespaces" of the Win32 documentation.
func Clean(name string) string {
	name = norm.NFC.String(strings.Map(letter, strings.ToValidUTF8(name, "_")))
	name = strings.TrimLeft(name, " ")
	name = strings.TrimRight(short(name, MaxName), " .") // Windows drops them: "a." would be "a"
	if strings.HasPrefix(name, ".") {
		// Hidden files change what programs do, and one could pass for a kept part.
		name = "_" + name[1:]
	}
	if device(name) {
		name = "_" + name
	}
	if name == "" {
		return nameless
	}
	return name
}

// letter replaces or drops one letter of a name.
func letter(r rune) rune {
	switch {
	case strings.ContainsRune(`/\:*?"<>|`, r): // separators, streams and wildcards
		return '_'
	case r == utf8.RuneError, unicode.Is(unicode.Co, r):
		return '_'
	case unicode.IsSpace(r):
		return ' '
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Bidi_Control, r):
		// What can't be seen makes two names look alike, and what turns the
		// direction of writing makes "gpj.exe" read as "exe.jpg".
		return -1
	}
	return r
}

// short cuts a name to at most so many bytes, in front of its ending.
func short(name string, most int) string {
	if len(name) <= most {
		return name
	}
	stem, end := Split(name)
	if len(end) > most/2 {
		stem, end = name, ""
	}
	stem = stem[:most-len(end)]
	for len(stem) > 0 && !norm.NFC.IsNormalString(stem+end) || !utf8.ValidString(stem) {
		_, n := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-n]
	}
	return stem + end
}

// Split takes a name's ending off, with its dot: what programs go by.
func Split(name string) (stem, end string) {
	i := strings.LastIndexByte(name, '.')
	if i <= 0 || strings.ContainsAny(name[i:], " ") {
		return name, ""
	}
	if s := name[:i]; strings.HasSuffix(s, ".tar") && len(s) > len(".tar") {
		i -= len(".tar")
	}
	return name[:i], name[i:]
}

// device says whether Windows takes a name for a device, whatever ending it
// has: CON, NUL, COM1 and so on, with superscript digits, too.
func device(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	if rest, ok := strings.CutPrefix(stem, "COM"); ok || strings.HasPrefix(stem, "LPT") {
		if !ok {
			rest = stem[len("LPT"):]
		}
		return len([]rune(rest)) == 1 && strings.Contains("0123456789¹²³", rest)
	}
	return false
}

// Numbered is a name's n-th try where the name is taken: "report (2).pdf".
func Numbered(name string, n int) string {
	if n < 2 {
		return name
	}
	stem, end := Split(name)
	return fmt.Sprintf("%s (%d)%s", stem, n, end)
}

// Fold is what two names have in common that mean the same file on systems
// that do not tell upper from lower case.
func Fold(name string) string {
	return strings.Map(func(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }, norm.NFKC.String(name))
}

// errPath is what is wrong with an item's path that no sender makes.
var errPath = errors.New("a path that leads elsewhere")

// parts takes a path apart as it came: names between slashes. A path that
// tries to lead elsewhere is no path of ours at all.
func parts(path string) ([]string, error) {
	names := strings.Split(path, "/")
	if len(names) > MaxDepth {
		return nil, errPath
	}
	for _, n := range names {
		if n == "" || n == "." || n == ".." {
			return nil, errPath
		}
	}
	return names, nil
}

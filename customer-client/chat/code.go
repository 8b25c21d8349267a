package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"handrail/shared/secret"
)

// Dot stands between the two halves of a key.
const Dot = " · "

// Grouped puts a key that is being typed into its form, 482 913 · 507 264, and
// says where the cursor belongs. Cursor counts characters. What is no key is
// left alone, so that nobody's typing is fought. Up to nine digits may be a code
// from the portal, which has no halves: they get the dot only where it is
// already.
func Grouped(text string, cursor int) (string, int) {
	var digits []rune
	before := 0 // digits in front of the cursor
	halves := strings.Contains(text, "·")
	for i, r := range []rune(text) {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, r)
			if i < cursor {
				before++
			}
		case !unicode.IsSpace(r) && !strings.ContainsRune("·.,-–/", r):
			return text, cursor
		}
	}
	if len(digits) > 2*secret.Digits {
		return text, cursor
	}
	halves = halves || len(digits) > secret.PlaceDigits
	var b strings.Builder
	at := 0
	for i, r := range digits {
		if i == before {
			at = utf8.RuneCountInString(b.String())
		}
		switch {
		case i == secret.Digits && halves:
			b.WriteString(Dot)
		case i > 0 && i%3 == 0:
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	if before == len(digits) {
		at = utf8.RuneCountInString(b.String())
	}
	return b.String(), at
}

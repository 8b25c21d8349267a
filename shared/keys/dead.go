package keys

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// accent is a dead key: the mark it puts on the next letter, and what it
// makes alone, before a space or twice.
type accent struct {
	sym   uint32
	mark  rune
	alone rune
}

// accents are the dead keysyms of keysymdef.h.
var accents = []accent{
	{0xfe50, '\u0300', '`'},
	{0xfe51, '\u0301', '´'},
	{0xfe52, '\u0302', '^'},
	{0xfe53, '\u0303', '~'},
	{0xfe54, '\u0304', '¯'},
	{0xfe55, '\u0306', '˘'},
	{0xfe56, '\u0307', '˙'},
	{0xfe57, '\u0308', '¨'},
	{0xfe58, '\u030a', '°'},
	{0xfe59, '\u030b', '˝'},
	{0xfe5a, '\u030c', 'ˇ'},
	{0xfe5b, '\u0327', '¸'},
	{0xfe5c, '\u0328', '˛'},
	{0xfe5d, '\u0345', 'ͺ'},
	{0xfe5e, '\u3099', '゛'},
	{0xfe5f, '\u309a', '゜'},
	{0xfe60, '\u0323', '\u0323'},
	{0xfe61, '\u0309', '\u0309'},
	{0xfe62, '\u031b', '\u031b'},
	{0xfe63, '\u0335', '/'},
	{0xfe64, '\u0313', '᾿'},
	{0xfe65, '\u0314', '῾'},
	{0xfe66, '\u030f', '\u030f'},
	{0xfe67, '\u0325', '\u0325'},
	{0xfe68, '\u0331', '\u0331'},
	{0xfe69, '\u032d', '\u032d'},
	{0xfe6a, '\u0330', '\u0330'},
	{0xfe6b, '\u032e', '\u032e'},
	{0xfe6c, '\u0324', '\u0324'},
	{0xfe6d, '\u0311', '\u0311'},
	{0xfe6e, '\u0326', ','},
	{0xfe6f, markCurrency, '¤'},
	{0xfe8c, markGreek, 'µ'},
	{0xfe90, '\u0332', '_'},
	{0xfe91, '\u030d', '\u030d'},
	{0xfe92, '\u0329', '\u0329'},
	{0xfe93, '\u0338', '/'},
}

// Two dead keys have no combining mark in Unicode; these private-use
// characters stand for them.
const (
	markCurrency rune = '\ue001'
	markGreek    rune = '\ue002'
)

// joined are pairs that Unicode's composition doesn't know.
var joined = []struct {
	mark     rune
	from, to string // rune by rune
}{
	{'\u0335', "bdDgGhHiIlLoOtTuUzZ", "ƀđĐǥǤħĦɨƗłŁøØŧŦʉɄƶƵ"},
	{markCurrency, "cCdeEfFlLnNwWyY", "¢₡₫€€ƒ₣£₤₦₦₩₩¥¥"},
	{markGreek, "aAbBdDeEfFgGhHiIkKlLmMnNoOpPrRsStTuUwWxXzZ", "αΑβΒδΔεΕφΦγΓηΗιΙκΚλΛμΜνΝοΟπΠρΡσΣτΤυΥωΩξΞζΖ"},
}

// Dead is the accent of a dead key, for Compose; 0 if sym is no dead key.
func Dead(sym uint32) rune {
	for _, a := range accents {
		if a.sym == sym {
			return a.mark
		}
	}
	return 0
}

// Composer joins dead keys and the key that follows them. Its zero value is
// ready.
type Composer struct{ marks []rune }

// maxMarks bounds the dead keys in a row; no writing needs more than three.
const maxMarks = 4

// Press takes the next key that makes text. It says to wait after a dead key;
// else it gives the text, accents included. A space, or the same dead key
// again, gives the accent alone; what can't be joined stands side by side.
func (c *Composer) Press(sym uint32) (text string, wait bool) {
	if mark := Dead(sym); mark != 0 {
		if n := len(c.marks); n == maxMarks || n > 0 && c.marks[n-1] == mark {
			text = c.alone()
			c.Forget()
			return text, false
		}
		c.marks = append(c.marks, mark)
		return "", true
	}
	r := Rune(sym)
	if r == 0 {
		return "", false
	}
	text = c.join(r)
	c.Forget()
	return text, false
}

// Forget drops dead keys that still wait, when the focus goes or a key without
// text intervenes.
func (c *Composer) Forget() { c.marks = c.marks[:0] }

// Waiting says whether a dead key waits for its letter.
func (c *Composer) Waiting() bool { return len(c.marks) > 0 }

// alone is the waiting accents as characters of their own.
func (c *Composer) alone() string {
	var text []rune
	for _, mark := range c.marks {
		for _, a := range accents {
			if a.mark == mark {
				text = append(text, a.alone)
			}
		}
	}
	return string(text)
}

// join puts the waiting accents on r.
func (c *Composer) join(r rune) string {
	if len(c.marks) == 0 {
		return string(r)
	}
	if r == ' ' || r == '\u00a0' {
		return c.alone()
	}
	if len(c.marks) == 1 {
		for _, j := range joined {
			to := []rune(j.to)
			for i, from := range []rune(j.from) {
				if j.mark == c.marks[0] && from == r {
					return string(to[i])
				}
			}
		}
	}
	// Unicode joins marks of one class in their order only: try the order of
	// the keys, then the other.
	there := []rune{r}
	back := []rune{r}
	for i, mark := range c.marks {
		there = append(there, mark)
		back = append(back, c.marks[len(c.marks)-1-i])
	}
	for _, plain := range [][]rune{there, back} {
		if whole := norm.NFC.String(string(plain)); utf8.RuneCountInString(whole) == 1 {
			return whole
		}
	}
	return c.alone() + string(r)
}

package portal

import (
	"fmt"
	"net/http"
	"strings"

	qrcode "github.com/skip2/go-qrcode"

	"handrail/shared/words"
)

// elsewhere is how to go on at the computer that needs help, for who reads a
// page on something else: an address short enough to be typed, and the same as a
// picture for the camera of that computer.
type elsewhere struct {
	Why, How       string
	Host, Path     string // the address; empty: the browser told none that can be shown
	Label          string // of the picture
	Picture        string // an SVG path of modules, dark on light; empty: none
	Size           int    // of the picture, in modules
	Another, Title string // said to a computer that Handrail runs on, in place of all else
}

// elsewhere is nil where the visitor's own computer can be helped.
func (v *visitor) elsewhere(r *http.Request, path string) *elsewhere {
	if v.system.runs() {
		return nil
	}
	e := &elsewhere{Why: v.say.Say(words.ElsewhereOther)}
	if v.system.held() {
		e.Why = v.say.Say(words.ElsewherePhone)
	}
	if !isHost(r.Host) {
		return e
	}
	e.Host, e.Path = r.Host, path
	e.How, e.Label = v.say.Say(words.ElsewhereHow), v.say.Say(words.ElsewherePicture, r.Host+path)
	e.Picture, e.Size = picture("https://" + r.Host + path)
	return e
}

// another tells a computer that can be helped how another one is.
func (v *visitor) another(r *http.Request, path string) *elsewhere {
	if !v.system.runs() || !isHost(r.Host) {
		return nil
	}
	return &elsewhere{Host: r.Host, Path: path, Title: v.say.Say(words.AnotherTitle), Another: v.say.Say(words.AnotherHow)}
}

// picture is text as a QR code with its margin: the dark modules as runs of an
// SVG path. What is too long has none.
func picture(text string) (path string, size int) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return "", 0
	}
	rows := code.Bitmap()
	var b strings.Builder
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return b.String(), len(rows)
}

// isHost says whether a browser's word for this server can be shown: letters,
// digits and what else addresses are made of.
func isHost(s string) bool {
	return s != "" && len(s) <= 262 && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-.:[]", r))
	}) < 0
}

package clip

import (
	"bytes"
	"fmt"
	"strconv"
)

// The form in which Windows' programs exchange HTML: a header of text that says
// where in what follows the document and the copied part of it begin and end,
// in bytes from the beginning ("HTML Clipboard Format", Microsoft's win32
// documentation, dataxchg).
const (
	htmlHead = "Version:0.9\r\nStartHTML:%010d\r\nEndHTML:%010d\r\nStartFragment:%010d\r\nEndFragment:%010d\r\n"
	htmlFrom = "<!--StartFragment-->"
	htmlTo   = "<!--EndFragment-->"
)

// toWindowsHTML puts HTML into that form. To Windows a text ends with a zero;
// offsets that counted one would point behind what other programs read.
func toWindowsHTML(html []byte) []byte {
	html = bytes.TrimRight(html, "\x00")
	document := html
	if !bytes.Contains(html, []byte(htmlFrom)) || !bytes.Contains(html, []byte(htmlTo)) {
		before, inside, after := body(html)
		document = bytes.Join([][]byte{before, []byte(htmlFrom), inside, []byte(htmlTo), after}, nil)
	}
	start := len(fmt.Sprintf(htmlHead, 0, 0, 0, 0))
	from := start + bytes.Index(document, []byte(htmlFrom)) + len(htmlFrom)
	to := start + bytes.LastIndex(document, []byte(htmlTo))
	head := fmt.Sprintf(htmlHead, start, start+len(document), from, max(from, to))
	return append([]byte(head), document...)
}

// body divides a document into what is before, in and after its body; what is
// only a part of one gets a document round it.
func body(html []byte) (before, inside, after []byte) {
	lower := bytes.ToLower(html)
	open := bytes.Index(lower, []byte("<body"))
	end := bytes.LastIndex(lower, []byte("</body"))
	if len(lower) != len(html) || open < 0 || end < open {
		return []byte("<html><body>"), html, []byte("</body></html>")
	}
	closing := bytes.IndexByte(lower[open:end], '>')
	if closing < 0 {
		return []byte("<html><body>"), html, []byte("</body></html>")
	}
	first := open + closing + 1
	return html[:first], html[first:end], html[end:]
}

// fromWindowsHTML takes the document out of that form, or its copied part where
// there is no more. What has no header is taken as it is.
func fromWindowsHTML(data []byte) []byte {
	data = bytes.TrimRight(data, "\x00")
	if !bytes.HasPrefix(data, []byte("Version:")) {
		return data
	}
	for _, what := range []string{"HTML", "Fragment"} {
		from, ok := offset(data, "Start"+what)
		to, ok2 := offset(data, "End"+what)
		if ok && ok2 && from < to && to <= len(data) {
			return data[from:to]
		}
	}
	return nil
}

// offset reads a number of the header.
func offset(data []byte, name string) (int, bool) {
	const headMost = 1024 // the header is far shorter
	_, rest, ok := bytes.Cut(data[:min(len(data), headMost)], []byte(name+":"))
	if !ok {
		return 0, false
	}
	end := bytes.IndexAny(rest, "\r\n")
	if end < 0 {
		return 0, false
	}
	n, err := strconv.Atoi(string(bytes.TrimSpace(rest[:end])))
	return n, err == nil && n >= 0
}

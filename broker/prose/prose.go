// Package prose is the simple formatting that an organisation writes its texts
// in (rows P07, W01 to W08): notices, greetings, agreements, mails.
//
//	A blank line begins a paragraph. Lines that begin with "- " are a list.
//	**bold**, *emphasis*, [words](https://somewhere), {macro}
//
// Everything else is text. There is no way to write HTML, and what macros stand
// for is text too, whatever is in it.
package prose

import (
	"html"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is a parsed text.
type Text struct{ blocks []block }

// block is a paragraph, or an item of a list.
type block struct {
	item  bool
	spans []span
}

// span is words that look alike.
type span struct {
	text     string
	macro    bool // text is a macro's name
	bold, em bool
	link     string
}

// Parse reads a text. Every text is one: marks that make no sense are shown as
// they are.
func Parse(s string) Text {
	var t Text
	var lines []string
	paragraph := func() {
		if len(lines) > 0 {
			t.blocks = append(t.blocks, block{spans: inline(strings.Join(lines, "\n"))})
			lines = nil
		}
	}
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		line = strings.TrimSpace(line)
		words, item := strings.CutPrefix(line, "- ")
		switch {
		case line == "":
			paragraph()
		case item:
			paragraph()
			t.blocks = append(t.blocks, block{item: true, spans: inline(words)})
		default:
			lines = append(lines, line)
		}
	}
	paragraph()
	return t
}

// inline reads what stands in a line.
func inline(s string) []span {
	var spans []span
	var look span
	text := func(s string) {
		if s != "" {
			v := look
			v.text = s
			spans = append(spans, v)
		}
	}
	from := 0
	for i := 0; i < len(s); {
		rest := s[i:]
		skip := 0
		switch {
		case strings.HasPrefix(rest, "**") && marks(s[:i], rest, "**", look.bold):
			text(s[from:i])
			look.bold, skip = !look.bold, 2
		case rest[0] == '*' && !strings.HasPrefix(rest, "**") && marks(s[:i], rest, "*", look.em):
			text(s[from:i])
			look.em, skip = !look.em, 1
		case rest[0] == '[':
			if words, to, n := linked(rest); n > 0 {
				text(s[from:i])
				look.link = to
				text(words)
				look.link, skip = "", n
			}
		case rest[0] == '{':
			if name, n := macro(rest); n > 0 {
				text(s[from:i])
				look.macro = true
				text(name)
				look.macro, skip = false, n
			}
		}
		switch {
		case skip > 0:
			i += skip
			from = i
		case strings.HasPrefix(rest, "**"):
			i += 2 // not the one and not the other
		default:
			i++
		}
	}
	text(s[from:])
	return spans
}

// marks says whether a mark at the beginning of rest begins something, or ends
// it where it is on already. It ends behind a word and begins before one that
// is not in the middle of another, if there is an end to it.
func marks(before, rest, mark string, on bool) bool {
	if on {
		return !strings.HasSuffix(before, " ")
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	words := rest[len(mark):]
	if unicode.IsLetter(last) || unicode.IsDigit(last) || words == "" || words[0] == ' ' {
		return false
	}
	for n := 1; n < len(words); n++ {
		if strings.HasPrefix(words[n:], mark) && words[n-1] != ' ' {
			return true
		}
	}
	return false
}

// linked reads "[words](address)" and gives its length, 0 if it is none. Only
// addresses that lead to pages, mails and telephones are links.
func linked(s string) (words, to string, n int) {
	mid := strings.Index(s, "](")
	if mid < 2 {
		return "", "", 0
	}
	end := strings.IndexByte(s[mid:], ')')
	if end < 0 || strings.ContainsAny(s[1:mid], "[]\n") {
		return "", "", 0
	}
	to = s[mid+2 : mid+end]
	u, err := url.Parse(to)
	if err != nil || strings.ContainsAny(to, " \t\n\\") ||
		!(u.Host != "" && slices.Contains([]string{"https", "http"}, u.Scheme) || u.Opaque != "" && slices.Contains([]string{"mailto", "tel"}, u.Scheme)) {
		return "", "", 0
	}
	return s[1:mid], u.String(), mid + end + 1
}

// macro reads "{name}".
func macro(s string) (name string, n int) {
	end := strings.IndexByte(s, '}')
	if end < 2 || end > 32 || strings.Trim(s[1:end], "abcdefghijklmnopqrstuvwxyz-") != "" {
		return "", 0
	}
	return s[1:end], end + 1
}

// Macros are the names of the macros in the text, each once.
func (t Text) Macros() []string {
	var names []string
	for _, b := range t.blocks {
		for _, s := range b.spans {
			if s.macro && !slices.Contains(names, s.text) {
				names = append(names, s.text)
			}
		}
	}
	return names
}

// HTML is the text for a page. Macros that values does not have are shown by
// their names.
func (t Text) HTML(values map[string]string) template.HTML {
	var b strings.Builder
	list := false
	for _, k := range t.blocks {
		if k.item != list {
			if list {
				b.WriteString("</ul>")
			} else {
				b.WriteString("<ul>")
			}
			list = k.item
		}
		open, shut := "<p>", "</p>"
		if k.item {
			open, shut = "<li>", "</li>"
		}
		b.WriteString(open)
		for _, s := range k.spans {
			s.writeHTML(&b, values)
		}
		b.WriteString(shut)
	}
	if list {
		b.WriteString("</ul>")
	}
	return template.HTML(b.String()) // made of the tags above and of escaped text
}

func (s span) writeHTML(b *strings.Builder, values map[string]string) {
	var shut []string
	tag := func(open, name string) {
		b.WriteString(open)
		shut = append(shut, "</"+name+">")
	}
	if s.link != "" {
		tag(`<a href="`+html.EscapeString(s.link)+`" rel="noopener noreferrer" target="_blank">`, "a")
	}
	if s.bold {
		tag("<strong>", "strong")
	}
	if s.em {
		tag("<em>", "em")
	}
	b.WriteString(strings.ReplaceAll(html.EscapeString(s.words(values)), "\n", "<br>"))
	for _, t := range slices.Backward(shut) {
		b.WriteString(t)
	}
}

// Plain is the text for a window or a mail without formatting: links are
// followed by their addresses.
func (t Text) Plain(values map[string]string) string {
	var b strings.Builder
	for i, k := range t.blocks {
		switch {
		case i == 0:
		case k.item && t.blocks[i-1].item:
			b.WriteString("\n")
		default:
			b.WriteString("\n\n")
		}
		if k.item {
			b.WriteString("• ")
		}
		for _, s := range k.spans {
			words := s.words(values)
			b.WriteString(words)
			if s.link != "" && words != s.link {
				b.WriteString(" (" + strings.TrimPrefix(strings.TrimPrefix(s.link, "mailto:"), "tel:") + ")")
			}
		}
	}
	return b.String()
}

func (s span) words(values map[string]string) string {
	if !s.macro {
		return s.text
	}
	if v, ok := values[s.text]; ok {
		return v
	}
	return "{" + s.text + "}"
}

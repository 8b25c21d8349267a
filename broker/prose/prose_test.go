package prose

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestP07SimpleFormatting(t *testing.T) {
	values := map[string]string{"rep": "Anna <b>*Ä*</b>", "position": "3"}
	for _, c := range []struct{ text, html, plain string }{
		{"", "", ""},
		{"one\ntwo\r\n\r\n\nthree ", "<p>one<br>two</p><p>three</p>", "one\ntwo\n\nthree"},
		{"**bold**, *soft* and ***both***", "<p><strong>bold</strong>, <em>soft</em> and <strong><em>both</em></strong></p>", "bold, soft and both"},
		{"before\n- a\n- *b*\nafter", "<p>before</p><ul><li>a</li><li><em>b</em></li></ul><p>after</p>", "before\n\n• a\n• b\n\nafter"},
		{"- a", "<ul><li>a</li></ul>", "• a"},
		{
			"See [our *page*](https://help.example/a?b=c&d).",
			`<p>See <a href="https://help.example/a?b=c&amp;d" rel="noopener noreferrer" target="_blank">our *page*</a>.</p>`,
			"See our *page* (https://help.example/a?b=c&d).",
		},
		{"[Mail](mailto:a@example.com)", `<p><a href="mailto:a@example.com" rel="noopener noreferrer" target="_blank">Mail</a></p>`, "Mail (a@example.com)"},
		{"{rep}: number {position}, {unknown}", "<p>Anna &lt;b&gt;*Ä*&lt;/b&gt;: number 3, {unknown}</p>", "Anna <b>*Ä*</b>: number 3, {unknown}"},
		{"**{rep}**", "<p><strong>Anna &lt;b&gt;*Ä*&lt;/b&gt;</strong></p>", "Anna <b>*Ä*</b>"},
		{"2 * 3 * 4, 2*3*4, **x, a ** b, *c", "<p>2 * 3 * 4, 2*3*4, **x, a ** b, *c</p>", "2 * 3 * 4, 2*3*4, **x, a ** b, *c"},
		{"<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>", "<script>alert(1)</script>"},
	} {
		p := Parse(c.text)
		if got := string(p.HTML(values)); got != c.html {
			t.Errorf("%q as HTML:\n%s\nwant\n%s", c.text, got, c.html)
		}
		if got := p.Plain(values); got != c.plain {
			t.Errorf("%q in plain:\n%s\nwant\n%s", c.text, got, c.plain)
		}
	}
}

func TestP07OnlyAddressesThatLeadSomewhereAreLinks(t *testing.T) {
	for _, to := range []string{
		"javascript:alert(1)", "JaVaScript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "/local", "",
		"https:", "https://", "https:here", "https:evil.example", "mailto:", "mailto://a@b.example", "tel:", "file:///etc/passwd", "https://a b", "http:\\\\x",
	} {
		if got := string(Parse("[x](" + to + ")").HTML(nil)); strings.Contains(got, "<a") {
			t.Errorf("%q became %s", to, got)
		}
	}
}

func TestMacrosAreNamedOnce(t *testing.T) {
	got := Parse("{a} **{b-c}** {a} {A} {} {not this} { x }").Macros()
	if want := []string{"a", "b-c"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// tags are all that HTML may make.
var tags = regexp.MustCompile(`</?(p|ul|li|strong|em)>|<br>|</a>|<a href="(https?|mailto|tel):[^"<>]*" rel="noopener noreferrer" target="_blank">`)

func FuzzHTMLIsTagsOfOursAndText(f *testing.F) {
	f.Add("**a** *b* [c](https://d)\n- {e}", "<x>")
	f.Add("[](https://a) ***x*** ** * [a](tel:1)", "\"'&")
	f.Fuzz(func(t *testing.T, text, value string) {
		p := Parse(text)
		page := string(p.HTML(map[string]string{"e": value}))
		if rest := tags.ReplaceAllString(page, ""); strings.ContainsAny(rest, "<>\"'") {
			t.Errorf("%q became %s", text, page)
		}
		var open []string
		for _, tag := range tags.FindAllString(page, -1) {
			name := strings.Trim(strings.SplitN(tag, " ", 2)[0], "</>")
			switch {
			case name == "br":
			case !strings.HasPrefix(tag, "</"):
				open = append(open, name)
			case len(open) == 0 || open[len(open)-1] != name:
				t.Fatalf("%q became %s: </%s> ends nothing", text, page, name)
			default:
				open = open[:len(open)-1]
			}
		}
		if len(open) > 0 {
			t.Errorf("%q became %s: %v is not closed", text, page, open)
		}
	})
}

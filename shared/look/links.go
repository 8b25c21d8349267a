package look

import (
	"net/url"
	"strings"
	"unicode"
)

// maxLinks of one message are offered; what is beyond stays text.
const maxLinks = 5

// Links finds the web addresses in a line of chat. Only http and https count,
// only addresses whose host is written in plain ASCII letters, without a user
// name in front: the host a person reads is then the host that is opened.
func Links(text string) []*url.URL {
	var found []*url.URL
	seen := map[string]bool{}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(`<>"“”„«»`, r)
	}) {
		at := scheme(word)
		if at < 0 || len(found) == maxLinks {
			continue
		}
		u := address(word[at:])
		if u != nil && !seen[u.String()] {
			seen[u.String()] = true
			found = append(found, u)
		}
	}
	return found
}

// maxLinkLabel is how many characters of an address are on its link.
const maxLinkLabel = 40

// LinkLabel is what a person reads on a link: the host, whole, and the path as
// far as there is room, since an organisation's pages have one host.
func LinkLabel(u *url.URL) string {
	label := u.Host + strings.TrimSuffix(u.EscapedPath(), "/")
	if most := max(maxLinkLabel, len(u.Host)); len(label) > most { // ASCII, see address
		return label[:most] + "…"
	}
	return label
}

// scheme is where "http" begins, in whatever case, or -1. The lower case of a
// text can be longer or shorter than the text, so it is no place to search.
func scheme(word string) int {
	const http = "http"
	for i := 0; i+len(http) <= len(word); i++ {
		if strings.EqualFold(word[i:i+len(http)], http) {
			return i
		}
	}
	return -1
}

func address(word string) *url.URL {
	word = strings.TrimRight(word, ".,;:!?'*_]}")
	if strings.HasSuffix(word, ")") && !strings.Contains(word, "(") {
		word = strings.TrimRight(word, ").,;:!?")
	}
	u, err := url.Parse(word)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Hostname() == "" {
		return nil
	}
	for _, r := range u.Host {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".-:[]", r) {
			return nil
		}
	}
	return u
}

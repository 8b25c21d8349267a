package web

import (
	"net/http"
	"strconv"
	"strings"
)

const (
	// languageCookie remembers what a visitor chose: in this browser, for this
	// host, and for nothing but that.
	languageCookie = "__Host-lang"
	languageYear   = 365 * 24 * 3600 // seconds

	// What is read of a browser's wishes: they name a handful of languages.
	maxAccept    = 1 << 10
	maxLanguages = 32
)

// Language is the one of the languages offered that suits a visitor best: the
// one in the address (?lang=de), the one chosen before, one that the browser
// asks for, or else the first. Offered are BCP 47 tags; none is English.
func Language(r *http.Request, offered []string) string {
	if len(offered) == 0 {
		offered = []string{"en"}
	}
	if tag, ok := exactly(r.URL.Query().Get("lang"), offered); ok {
		return tag
	}
	if c, err := r.Cookie(languageCookie); err == nil {
		if tag, ok := exactly(c.Value, offered); ok {
			return tag
		}
	}
	for _, wish := range wishes(r.Header.Get("Accept-Language")) {
		if tag, ok := suits(wish, offered); ok {
			return tag
		}
	}
	return offered[0]
}

// exactly finds a tag among those offered.
func exactly(tag string, offered []string) (string, bool) {
	for _, o := range offered {
		if strings.EqualFold(tag, o) {
			return o, true
		}
	}
	return "", false
}

// suits finds what serves somebody who wishes for a language: exactly it, what
// is more general, or the same language for another region (RFC 4647, 3.4).
func suits(wish string, offered []string) (string, bool) {
	for at := len(wish); at > 0; at = strings.LastIndexByte(wish[:at], '-') {
		if tag, ok := exactly(wish[:at], offered); ok {
			return tag, true
		}
	}
	main, _, _ := strings.Cut(wish, "-")
	for _, o := range offered {
		if m, _, _ := strings.Cut(o, "-"); main != "*" && strings.EqualFold(m, main) {
			return o, true
		}
	}
	return "", false
}

// wishes reads Accept-Language: tags, the most wanted first (RFC 9110, 12.5.4).
func wishes(header string) []string {
	var tags []string
	var wants []int
	if len(header) > maxAccept {
		return nil
	}
	for part := range strings.SplitSeq(header, ",") {
		tag, parameter, _ := strings.Cut(part, ";")
		tag = strings.TrimSpace(tag)
		want := quality(strings.TrimSpace(parameter))
		if !isTag(tag) || want == 0 || len(tags) == maxLanguages {
			continue
		}
		at := len(tags)
		for at > 0 && wants[at-1] < want {
			at--
		}
		tags = append(tags[:at], append([]string{tag}, tags[at:]...)...)
		wants = append(wants[:at], append([]int{want}, wants[at:]...)...)
	}
	return tags
}

// quality reads "q=0.8" in thousandths. What is missing is 1, nonsense is 0.
func quality(s string) int {
	if s == "" {
		return 1000
	}
	value, ok := strings.CutPrefix(s, "q=")
	f, err := strconv.ParseFloat(value, 64)
	if !ok || err != nil || !(f >= 0 && f <= 1) {
		return 0
	}
	return int(f * 1000)
}

// isTag says whether s looks like a language tag.
func isTag(s string) bool {
	if s == "" || len(s) > 35 {
		return false
	}
	for part := range strings.SplitSeq(s, "-") {
		if part == "" || len(part) > 8 || strings.Trim(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
			return false
		}
	}
	return true
}

// remember keeps the language that a visitor chose, for the next visit.
func remember(w http.ResponseWriter, r *http.Request, offered []string) {
	tag, ok := exactly(r.URL.Query().Get("lang"), offered)
	if !ok {
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: languageCookie, Value: tag, Path: "/", MaxAge: languageYear,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// Direction is "rtl" for languages that are written from right to left, "ltr"
// for others.
func Direction(lang string) string {
	parts := strings.Split(strings.ToLower(lang), "-")
	for _, p := range parts[1:] {
		switch p {
		case "arab", "hebr", "syrc", "thaa", "nkoo", "adlm", "rohg":
			return "rtl"
		case "latn", "cyrl":
			return "ltr"
		}
	}
	switch parts[0] {
	case "ar", "arc", "ckb", "dv", "fa", "he", "iw", "ji", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi":
		return "rtl"
	}
	return "ltr"
}

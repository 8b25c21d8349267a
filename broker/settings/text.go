package settings

import (
	"slices"
	"strings"

	"handrail/broker/prose"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Fallback is the language of those for whom nothing else is known.
const Fallback = "en"

// maxTitle is the longest text of one line.
const maxTitle = wire.MaxName // bytes

// Kind is what a text is like.
type Kind struct {
	Name   TextName
	Line   bool     // one line, without formatting
	Macros []string // that it may hold
}

// Texts gives all texts that a portal may have in its own words, in the order
// in which a customer meets them.
func Texts() []Kind {
	person := []string{"portal", "name", "queue"}
	waiting := append(slices.Clone(person), "position", "wait")
	rep := append(slices.Clone(person), "rep")
	invite := []string{"portal", "name", "rep", "key", "link", "minutes"}
	return []Kind{
		{Welcome, true, []string{"portal"}},
		{Intro, false, []string{"portal"}},
		{Closed, false, []string{"portal", "opens"}},
		{AgreementTitle, true, []string{"portal"}},
		{AgreementText, false, []string{"portal", "name"}},
		{RecordingText, false, []string{"portal", "name"}},
		{Greeting, false, waiting},
		{Hold, false, waiting},
		{NobodyHere, false, person},
		{RepLost, false, rep},
		{RepMoved, false, rep},
		{SurveyIntro, false, rep},
		{SurveyThanks, false, []string{"portal", "name"}},
		{InviteSubject, true, invite},
		{InviteText, false, invite},
	}
}

// KindOf finds a text by its name.
func KindOf(name TextName) (Kind, bool) {
	all := Texts()
	i := slices.IndexFunc(all, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return Kind{}, false
	}
	return all[i], true
}

// Text is what a portal says in a language: its own words there, else its own
// words in its first language, else Handrail's. Macros are still in it.
func (p Portal) Text(language string, name TextName) string {
	for _, l := range append(spellings(language), p.First()) {
		if own := p.Texts[l][name]; own != "" {
			return own
		}
	}
	return DefaultText(language, name)
}

// DefaultText is what Handrail says where a portal says nothing of its own: in
// the language asked for, if it knows it, else in English.
func DefaultText(language string, name TextName) string {
	for _, l := range append(spellings(language), Fallback) {
		if text, ok := words.Default(l, string(name)); ok {
			return text
		}
	}
	return ""
}

// Plain is a text with its macros filled in and without its formatting, for
// windows and mails.
func (p Portal) Plain(language string, name TextName, values map[string]string) string {
	return prose.Parse(p.Text(language, name)).Plain(values)
}

// First is the language for those who ask for none that is offered.
func (p Portal) First() string {
	if len(p.Languages) == 0 {
		return Fallback
	}
	return p.Languages[0]
}

// Offered are the languages of a portal, the first one for everybody else.
func (p Portal) Offered() []string {
	if len(p.Languages) == 0 {
		return []string{Fallback}
	}
	return p.Languages
}

// Localized picks of a text by language: this language, the same without its
// region, English, and else the one that comes first by name.
func Localized(texts map[string]string, language string) string {
	for _, l := range append(spellings(language), Fallback) {
		if text := texts[l]; text != "" {
			return text
		}
	}
	first := ""
	for l, text := range texts {
		if text != "" && (first == "" || l < first) {
			first = l
		}
	}
	return texts[first]
}

// Localized picks of a text by language as a portal's customers get it: in
// theirs, else in the portal's first.
func (p Portal) Localized(texts map[string]string, language string) string {
	for _, l := range append(spellings(language), p.First()) {
		if text := texts[l]; text != "" {
			return text
		}
	}
	return Localized(texts, language)
}

// Called picks of a text by language as reps get it and as it is kept with a
// session: in the portal's first.
func (p Portal) Called(texts map[string]string) string { return p.Localized(texts, p.First()) }

// spellings are a language's tag and the shorter ones that mean less: "de-AT",
// "de".
func spellings(language string) []string {
	var all []string
	for language != "" {
		all = append(all, language)
		cut := strings.LastIndexByte(language, '-')
		language = language[:max(cut, 0)]
	}
	return all
}

// Package words is every sentence a person can read in Handrail. Code names a
// Sentence; a Speaker says it in the reader's language. Nothing else in the
// project holds text for people, so a translator needs this folder alone.
package words

import "fmt"

// Sentence is a sentence in English, with fmt verbs where names and numbers
// go. The English text itself is what translations are looked up by.
type Sentence string

// Speaker says sentences in one language. The zero Speaker speaks English.
type Speaker struct {
	table map[Sentence]string // translations; a missing one is said in English
}

// Say gives the sentence in the Speaker's language with args filled in.
func (s Speaker) Say(x Sentence, args ...any) string {
	text := string(x)
	if t, ok := s.table[x]; ok {
		text = t
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

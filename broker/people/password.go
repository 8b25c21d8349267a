package people

import (
	_ "embed"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Rules of passwords after NIST SP 800-63B, section 5.1.1.2: long enough, none
// that everybody tries first, no rules about kinds of characters, no date at
// which it must change.
const (
	MinPassword = 12   // characters
	MaxPassword = 256  // characters; a sentence fits
	maxBytes    = 1024 // of UTF-8
)

// Why a password is refused.
var (
	ErrShort  = errors.New("people: password too short")
	ErrLong   = errors.New("people: password too long")
	ErrName   = errors.New("people: password made of a name")
	ErrCommon = errors.New("people: password that everybody tries first")
)

// common holds, one a line, words and passwords that guesses begin with, in
// lower case.
//
//go:embed common.txt
var common string

// fewest is how many letters must be left of a password without its guessable
// parts, and how many different characters it must have.
const fewest = 5

// CheckPassword says whether a password may be used by a rep of an
// organisation. Which password it is must not be logged, nor why it was refused
// together with whose it is.
func CheckPassword(password string, r Rep, organisation string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case n < MinPassword:
		return ErrShort
	case n > MaxPassword || len(password) > maxBytes:
		return ErrLong
	}
	plain := letters(password)
	if mostlyOf(password, nameWords(r, organisation)) {
		return ErrName
	}
	if fewSigns(plain) || run(plain) || mostlyOf(password, commonWords()) {
		return ErrCommon
	}
	return nil
}

// commonWords gives the list as letters spells it.
func commonWords() []string {
	words := strings.Fields(common)
	for i, w := range words {
		words[i] = letters(w)
	}
	return words
}

// letters gives a password as guessing programs see it: in lower case, without
// spaces, and with the letters that signs stand for. It has as many characters
// as bare gives.
func letters(s string) string {
	signs := strings.NewReplacer("@", "a", "$", "s", "0", "o", "3", "e", "!", "i", "5", "s")
	return signs.Replace(bare(s))
}

// bare is a password in lower case, without spaces.
func bare(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(s)), "")
}

// nameWords gives the words of four letters and more that anybody could guess of a
// rep.
func nameWords(r Rep, organisation string) []string {
	var words []string
	text := strings.Join([]string{r.PublicName, r.PrivateName, r.Mail, organisation, "handrail"}, " ")
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		if utf8.RuneCountInString(w) >= 4 {
			words = append(words, letters(w))
		}
	}
	return words
}

// mostlyOf says whether fewer than fewest letters of a password are left when
// words are taken out, longest first. Digits and signs put at its end are what
// everybody does.
func mostlyOf(password string, words []string) bool {
	seen, written := []rune(letters(password)), []rune(bare(password))
	words = slices.Clone(words)
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	found := false
	for _, w := range words {
		word := []rune(w)
		for i := 0; i+len(word) <= len(seen); i++ {
			if slices.Equal(seen[i:i+len(word)], word) {
				found = true
				for j := range word {
					seen[i+j], written[i+j] = '\n', '\n' // in no word, and no letter
				}
			}
		}
	}
	left := 0
	for _, c := range written {
		if unicode.IsLetter(c) {
			left++
		}
	}
	return found && left < fewest
}

// fewSigns says whether a password repeats itself: it has fewer than five
// different characters, or is one piece several times.
func fewSigns(plain string) bool {
	seen := map[rune]bool{}
	for _, c := range plain {
		seen[c] = true
	}
	if len(seen) < fewest {
		return true
	}
	return strings.Contains((plain + plain)[1:2*len(plain)-1], plain)
}

// run says whether a password is the alphabet, the digits, or a row of the
// keyboard.
func run(plain string) bool {
	steps := 0
	rows := []string{"abcdefghijklmnopqrstuvwxyz", letters("01234567890"), letters("1234567890"), "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop"}
	all := []rune(plain)
	for i := 1; i < len(all); i++ {
		pair, back := string(all[i-1:i+1]), string([]rune{all[i], all[i-1]})
		if slices.ContainsFunc(rows, func(row string) bool { return strings.Contains(row, pair) || strings.Contains(row, back) }) {
			steps++
		}
	}
	return steps >= len(all)-3
}

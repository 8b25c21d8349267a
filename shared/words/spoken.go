package words

import (
	"strings"
	"unicode"
)

// Digits as they are read out.
const (
	SpokenZero  Sentence = "zero"
	SpokenOne   Sentence = "one"
	SpokenTwo   Sentence = "two"
	SpokenThree Sentence = "three"
	SpokenFour  Sentence = "four"
	SpokenFive  Sentence = "five"
	SpokenSix   Sentence = "six"
	SpokenSeven Sentence = "seven"
	SpokenEight Sentence = "eight"
	SpokenNine  Sentence = "nine"
)

// ReadOut spells digits and letters so that they survive a bad phone line
// (P04): "482 913" becomes "four eight two — nine one three", letters become
// the words of the ITU and ICAO alphabet. Anything else separates groups.
func (s Speaker) ReadOut(code string) string {
	groups := strings.FieldsFunc(code, func(r rune) bool { return spoken(r) == "" })
	for i, g := range groups {
		said := make([]string, 0, len(g))
		for _, r := range g {
			said = append(said, s.Say(spoken(r)))
		}
		groups[i] = strings.Join(said, " ")
	}
	return strings.Join(groups, " — ")
}

// spoken is the word for a character: digits in plain words, letters by ITU
// Radio Regulations appendix 14, which ICAO annex 10 shares.
func spoken(r rune) Sentence {
	digits := [...]Sentence{
		SpokenZero, SpokenOne, SpokenTwo, SpokenThree, SpokenFour,
		SpokenFive, SpokenSix, SpokenSeven, SpokenEight, SpokenNine,
	}
	letters := [...]Sentence{
		"Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India",
		"Juliett", "Kilo", "Lima", "Mike", "November", "Oscar", "Papa", "Quebec", "Romeo",
		"Sierra", "Tango", "Uniform", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu",
	}
	switch r = unicode.ToUpper(r); {
	case r >= '0' && r <= '9':
		return digits[r-'0']
	case r >= 'A' && r <= 'Z':
		return letters[r-'A']
	}
	return ""
}

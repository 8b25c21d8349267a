package look

import (
	"slices"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"golang.org/x/text/unicode/bidi"
)

// The toolkit shapes scripts that are written from the right, but draws the
// parts of a line in the order in which they are stored, where a part is what one
// font can draw in one direction: a number or a full stop in a Hebrew sentence
// lands on the wrong side of it. So text that begins with such a script is broken
// into lines here, and each line given to the toolkit with its parts in the order
// in which they are seen.

// fromRight says whether the first letter of a text belongs to a script that is
// written from the right.
func fromRight(text string) bool {
	for _, r := range text {
		if rightLetter(r) {
			return true
		}
		if unicode.IsLetter(r) {
			return false
		}
	}
	return false
}

func rightLetter(r rune) bool {
	return unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam)
}

// rightLines breaks text into lines of a width and orders each as it is seen.
func rightLines(text string, width float32, measure func(string) float32) string {
	text = strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return ' ' // some end a line for who orders it
		}
		return r
	}, text)
	var lines []string
	space := measure(" ")
	for paragraph := range strings.SplitSeq(text, "\n") {
		var line []string
		used := float32(0)
		for word := range strings.FieldsSeq(paragraph) {
			w := measure(word)
			if len(line) > 0 && used+space+w > width {
				lines = append(lines, seen(strings.Join(line, " ")))
				line, used = line[:0], 0
			}
			line, used = append(line, word), used+space+w
		}
		lines = append(lines, seen(strings.Join(line, " ")))
	}
	return strings.Join(lines, "\n")
}

// Letters that are not seen. What stands between two of the right, such as a
// full stop, belongs to their side; one of the left keeps two parts apart.
const rightMark, leftMark = "\u200f", "\u200e"

// seen puts the parts of a line that is read from the right in the order in
// which they stand from the left.
func seen(line string) string {
	var p bidi.Paragraph
	if _, err := p.SetString(line, bidi.DefaultDirection(bidi.RightToLeft)); err != nil {
		return line
	}
	order, err := p.Order()
	if err != nil {
		return line
	}
	var parts []string
	for i := order.NumRuns() - 1; i >= 0; i-- {
		run := order.Run(i)
		if run.Direction() != bidi.RightToLeft {
			parts = append(parts, run.String())
			continue
		}
		for _, part := range slices.Backward(pieces(run.String())) {
			parts = append(parts, rightMark+part+rightMark)
		}
	}
	return strings.Join(parts, leftMark)
}

// pieces are the parts of a text from the right that one font surely has: words,
// and what stands between them.
func pieces(text string) (all []string) {
	from, words := 0, false
	for i, r := range text {
		if unicode.IsSpace(r) || unicode.IsMark(r) {
			continue // either
		}
		if is := rightLetter(r); is != words {
			if i > from {
				all = append(all, text[from:i])
			}
			from, words = i, is
		}
	}
	return append(all, text[from:])
}

// rightText is the text of a Text as it is drawn in a width.
func (t *Text) rightText(width float32) string {
	if width <= 2*inset {
		return t.theirs // it has no place yet
	}
	style := t.segment().Style
	size := t.Theme().Size(style.SizeName)
	return rightLines(t.theirs, width-2*inset, func(s string) float32 { return fyne.MeasureText(s, size, style.TextStyle).Width })
}

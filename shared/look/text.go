package look

import (
	"cmp"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Text is a paragraph in a colour and size of the theme. It wraps.
type Text struct {
	widget.RichText
	theirs string // text that is read from the right, as it was set; else empty
}

// NewText makes a paragraph. Names left empty are those of ordinary text.
func NewText(text string, in fyne.ThemeColorName, size fyne.ThemeSizeName, style fyne.TextStyle, align fyne.TextAlign) *Text {
	if in == "" {
		in = theme.ColorNameForeground
	}
	if size == "" {
		size = theme.SizeNameText
	}
	t := &Text{}
	t.Wrapping, t.Scroll = fyne.TextWrapWord, fyne.ScrollNone
	t.Segments = []widget.RichTextSegment{&widget.TextSegment{Text: text, Style: widget.RichTextStyle{
		ColorName: in, SizeName: size, TextStyle: style, Alignment: align,
	}}}
	t.ExtendBaseWidget(t)
	return t
}

// Heading is the first line of a page.
func Heading(text string) *Text {
	return NewText(text, "", theme.SizeNameHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
}

// Paragraph is ordinary text.
func Paragraph(text string) *Text {
	return NewText(text, "", "", fyne.TextStyle{}, fyne.TextAlignLeading)
}

// Caption is small text of second rank.
func Caption(text string) *Text {
	return NewText(text, ColorMuted, theme.SizeNameCaptionText, fyne.TextStyle{}, fyne.TextAlignLeading)
}

func (t *Text) segment() *widget.TextSegment { return t.Segments[0].(*widget.TextSegment) }

// SetText changes the words.
func (t *Text) SetText(text string) {
	if t.segment().Text != text {
		t.segment().Text = text
		t.Refresh()
	}
}

// SetColor changes the colour.
func (t *Text) SetColor(in fyne.ThemeColorName) {
	if t.segment().Style.ColorName != in {
		t.segment().Style.ColorName = in
		t.Refresh()
	}
}

// SetBold makes it bold or not.
func (t *Text) SetBold(on bool) {
	if t.segment().Style.TextStyle.Bold != on {
		t.segment().Style.TextStyle.Bold = on
		t.Refresh()
	}
}

// SetTheirs changes the words to somebody else's, which may be in a script that
// is written from the right.
func (t *Text) SetTheirs(text string) {
	t.theirs = ""
	align := fyne.TextAlignLeading
	if fromRight(text) {
		t.theirs, align = text, fyne.TextAlignTrailing
		text = t.rightText(t.Size().Width)
	}
	if t.segment().Style.Alignment != align {
		t.segment().Style.Alignment = align
		t.Refresh()
	}
	t.SetText(text)
}

// Resize is for Fyne.
func (t *Text) Resize(s fyne.Size) {
	if t.theirs != "" && s.Width != t.Size().Width {
		t.SetText(t.rightText(s.Width))
	}
	t.RichText.Resize(s)
}

// String is the text as shown.
func (t *Text) String() string { return cmp.Or(t.theirs, t.segment().Text) }

// Flush takes the room away that Fyne leaves round a piece of text, so that it
// lines up with fields and buttons.
func Flush(o fyne.CanvasObject) *fyne.Container { return container.New(flush{}, o) }

type flush struct{}

func (flush) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().SubtractWidthHeight(2*inset, 2*inset)
}

func (flush) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	objects[0].Move(fyne.NewPos(-inset, -inset))
	objects[0].Resize(s.AddWidthHeight(2*inset, 2*inset))
}

// snug places wrapping text so that its letters, not the room Fyne leaves round
// them, begin at x and y and are as wide as given. It returns their height.
func snug(text fyne.CanvasObject, x, y, width float32) float32 {
	text.Move(fyne.NewPos(x-inset, y-inset))
	text.Resize(fyne.NewSize(width+2*inset, text.Size().Height))
	h := text.MinSize().Height
	text.Resize(fyne.NewSize(width+2*inset, h))
	return h - 2*inset
}

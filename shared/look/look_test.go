package look

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// app is an app in Handrail's theme.
func app(t *testing.T) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(Theme{})
}

// luminance and contrast are those of WCAG 2.2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	part := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*part(r) + 0.7152*part(g) + 0.0722*part(b)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestColoursStandOutFromWhatIsUnderThem(t *testing.T) {
	const text, edge = 4.5, 3.0
	for _, c := range []struct {
		over, under fyne.ThemeColorName
		want        float64
	}{
		{theme.ColorNameForeground, theme.ColorNameBackground, text},
		{theme.ColorNameForeground, ColorSurface, text},
		{theme.ColorNameForeground, theme.ColorNameButton, text},
		{theme.ColorNameForeground, ColorMine, text},
		{theme.ColorNameForeground, ColorTheirs, text},
		{theme.ColorNameForeground, ColorCalm, text},
		{theme.ColorNameForeground, ColorProblem, text},
		{theme.ColorNameForeground, theme.ColorNameInputBackground, text},
		{ColorOnSharing, ColorSharing, text},
		{ColorMuted, theme.ColorNameBackground, text},
		{ColorMuted, ColorSurface, text},
		{theme.ColorNamePlaceHolder, theme.ColorNameInputBackground, text},
		{theme.ColorNameHyperlink, ColorTheirs, text},
		{theme.ColorNameHyperlink, ColorMine, text},
		{theme.ColorNamePrimary, ColorSurface, text},
		{theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary, text},
		{theme.ColorNameForegroundOnError, theme.ColorNameError, text},
		{theme.ColorNameForegroundOnWarning, theme.ColorNameWarning, text},
		{theme.ColorNameForegroundOnSuccess, theme.ColorNameSuccess, text},
		{theme.ColorNameError, theme.ColorNameBackground, text},
		{theme.ColorNameError, ColorProblem, edge},
		{theme.ColorNameError, ColorSharing, edge},
		{theme.ColorNameError, theme.ColorNameButton, edge},
		{theme.ColorNameSuccess, theme.ColorNameButton, edge},
		{theme.ColorNameSuccess, ColorCalm, edge},
		{theme.ColorNameWarning, ColorSurface, edge},
		{theme.ColorNameInputBorder, theme.ColorNameBackground, edge},
		{ColorRing, theme.ColorNameBackground, edge},
		{ColorRing, ColorSurface, edge},
		{ColorRing, theme.ColorNameButton, edge},
		{ColorRing, ColorSharing, edge},
		{theme.ColorNameDisabled, theme.ColorNameBackground, edge},
	} {
		for name, v := range map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark} {
			if got := contrast(Theme{}.Color(c.over, v), Theme{}.Color(c.under, v)); got < c.want {
				t.Errorf("%s on %s, %s: %.2f:1, want %.1f:1", c.over, c.under, name, got, c.want)
			}
		}
	}
}

func TestWhiteLettersCanBeReadOnEveryDisc(t *testing.T) {
	for i := range 64 {
		name := string(rune('a' + i))
		if got := contrast(color.White, discColor(name)); got < 4.5 {
			t.Errorf("%q: %.2f:1", name, got)
		}
	}
}

func TestC04TextGrowsWithTheScale(t *testing.T) {
	for _, name := range []fyne.ThemeSizeName{theme.SizeNameText, theme.SizeNameCaptionText, theme.SizeNameInlineIcon} {
		if a, b := (Theme{}).Size(name), (Theme{Scale: 2}).Size(name); b != 2*a {
			t.Errorf("%s: %v and %v", name, a, b)
		}
		if got, want := (Theme{Scale: 2}).Size(Times(name, 1.5)), (Theme{}).Size(name)*3; got != want {
			t.Errorf("%s × 1.5: %v, want %v", name, got, want)
		}
	}
	if a, b := (Theme{Scale: 2}).Size(theme.SizeNameSubHeadingText), (Theme{Scale: 2}).Size(theme.SizeNameText); a < b {
		t.Errorf("a heading of %v over text of %v", a, b)
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"":                   "?",
		"  ":                 "?",
		"ana":                "A",
		"Ana Petrović":       "AP",
		"Ana Maria Petrović": "AP",
		"世 界":                "世界",
		"(ext) 7up":          "E7",
		"— ?":                "?",
	} {
		if got := Initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestK10AButtonIsPressedByEnterAndSpaceUnlessItIsDeliberate(t *testing.T) {
	app(t)
	for _, c := range []struct {
		deliberate, off bool
		key             fyne.KeyName
		want            int
	}{
		{false, false, fyne.KeySpace, 1},
		{false, false, fyne.KeyReturn, 1},
		{false, false, fyne.KeyEnter, 1},
		{false, false, fyne.KeyA, 0},
		{true, false, fyne.KeySpace, 1},
		{true, false, fyne.KeyReturn, 0},
		{true, false, fyne.KeyEnter, 0},
		{false, true, fyne.KeySpace, 0},
	} {
		pressed := 0
		b := NewButton("x", nil, 0, func() { pressed++ })
		b.Deliberate = c.deliberate
		b.SetEnabled(!c.off)
		b.TypedKey(&fyne.KeyEvent{Name: c.key})
		if pressed != c.want {
			t.Errorf("%+v: pressed %d times", c, pressed)
		}
	}
}

func TestK10WhatHasTheFocusHasARing(t *testing.T) {
	app(t)
	b := NewButton("x", nil, 0, nil)
	w := test.NewTempWindow(t, b)
	if b.ring.Visible() {
		t.Error("a ring without focus")
	}
	w.Canvas().Focus(b)
	if !b.ring.Visible() {
		t.Error("no ring with focus")
	}
	w.Canvas().Unfocus()
	if b.ring.Visible() {
		t.Error("the ring stays")
	}
}

func TestAProblemShowsAndHides(t *testing.T) {
	app(t)
	p := NewProblem()
	pressed := false
	p.Set("What", "Advice", "Again", func() { pressed = true })
	test.Tap(p.button)
	if !p.Visible() || p.what.String() != "What" || p.advice.String() != "Advice" || !pressed {
		t.Error("not shown whole")
	}
	p.Set("What", "Advice", "", nil)
	if p.row.Visible() {
		t.Error("a button without words")
	}
	p.Set("", "", "", nil)
	if p.Visible() {
		t.Error("still there")
	}
}

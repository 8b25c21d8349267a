// Package look is how Handrail looks: its theme, its icons, and the small
// widgets that the customer's window and the rep's console share. It shows
// what it is given and reports what was pressed; it decides nothing.
//
//	app.Settings().SetTheme(look.Theme{})
//	list := look.NewTimeline(speaker, openLink)
//	list.Set(state)
//
// Everything here is called on Fyne's goroutine.
package look

import (
	"fmt"
	"image/color"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Colours of Handrail's own, beside those every Fyne theme has.
const (
	ColorSurface   fyne.ThemeColorName = "handrailSurface"   // cards and panels, on the background
	ColorEdge      fyne.ThemeColorName = "handrailEdge"      // the line round a card
	ColorMuted     fyne.ThemeColorName = "handrailMuted"     // text of second rank
	ColorMine      fyne.ThemeColorName = "handrailMine"      // bubble of the person here
	ColorTheirs    fyne.ThemeColorName = "handrailTheirs"    // bubble of the other person
	ColorCalm      fyne.ThemeColorName = "handrailCalm"      // banner when nothing is shared
	ColorSharing   fyne.ThemeColorName = "handrailSharing"   // banner while something is shared
	ColorOnSharing fyne.ThemeColorName = "handrailOnSharing" // text on it
	ColorProblem   fyne.ThemeColorName = "handrailProblem"   // card of a problem
	ColorRing      fyne.ThemeColorName = "handrailRing"      // line round what has the focus
)

// Theme is Handrail's theme, light and dark. Text and icons are Scale times
// their usual size; 0 is 1.
type Theme struct{ Scale float32 }

// shades is a colour in the light and in the dark.
type shades struct{ light, dark uint32 } // 0xRRGGBBAA

// palette is the one table of colours. Pairs that stand on each other keep the
// contrast of WCAG 2.2 AA, 4.5:1 for text and 3:1 for edges of controls; the
// test names them.
func palette(name fyne.ThemeColorName) (shades, bool) {
	switch name {
	case theme.ColorNameBackground:
		return shades{0xf4f6f9ff, 0x12171dff}, true
	case theme.ColorNameForeground:
		return shades{0x1a2430ff, 0xe9eef4ff}, true
	case ColorMuted, theme.ColorNamePlaceHolder:
		return shades{0x55626fff, 0xa4b1bfff}, true
	case theme.ColorNameDisabled:
		return shades{0x6c7884ff, 0x8794a2ff}, true
	case ColorSurface, theme.ColorNameOverlayBackground, theme.ColorNameMenuBackground:
		return shades{0xffffffff, 0x1c242dff}, true
	case ColorEdge, theme.ColorNameSeparator, theme.ColorNameInnerWindowBorder:
		return shades{0xd5dce4ff, 0x35414eff}, true
	case theme.ColorNameInputBackground:
		return shades{0xffffffff, 0x171e26ff}, true
	case theme.ColorNameInputBorder:
		return shades{0x7f8b98ff, 0x6b7a8aff}, true
	case theme.ColorNameButton:
		return shades{0xe3e9f0ff, 0x2d3844ff}, true
	case theme.ColorNameDisabledButton:
		return shades{0xe9edf2ff, 0x232c36ff}, true
	case theme.ColorNamePrimary, theme.ColorNameHyperlink:
		return shades{0x0f5b8cff, 0x7cc0eeff}, true
	case theme.ColorNameForegroundOnPrimary:
		return shades{0xffffffff, 0x07202fff}, true
	case ColorRing:
		return shades{0x0b4a73ff, 0xb5ddf8ff}, true
	}
	if s, ok := signals(name); ok {
		return s, true
	}
	return states(name)
}

// signals are the colours that say how something is.
func signals(name fyne.ThemeColorName) (shades, bool) {
	switch name {
	case theme.ColorNameError:
		return shades{0xb3261eff, 0xf28b82ff}, true
	case theme.ColorNameForegroundOnError:
		return shades{0xffffffff, 0x2c0704ff}, true
	case ColorProblem:
		return shades{0xfdecebff, 0x3a1f1fff}, true
	case theme.ColorNameWarning:
		return shades{0x8a4b00ff, 0xf3b866ff}, true
	case theme.ColorNameForegroundOnWarning:
		return shades{0xffffffff, 0x2a1700ff}, true
	case theme.ColorNameSuccess:
		return shades{0x1d6b3cff, 0x86d3a1ff}, true
	case theme.ColorNameForegroundOnSuccess:
		return shades{0xffffffff, 0x04210fff}, true
	case ColorSharing:
		return shades{0xffe7b8ff, 0x4a3508ff}, true
	case ColorOnSharing:
		return shades{0x3a2600ff, 0xffe9c2ff}, true
	case ColorCalm:
		return shades{0xe4f1eeff, 0x18302fff}, true
	case ColorMine:
		return shades{0xd8eafaff, 0x1d4463ff}, true
	case ColorTheirs:
		return shades{0xffffffff, 0x27313cff}, true
	}
	return shades{}, false
}

// states are the see-through colours that lie on others.
func states(name fyne.ThemeColorName) (shades, bool) {
	switch name {
	case theme.ColorNameHover:
		return shades{0x0000000f, 0xffffff12}, true
	case theme.ColorNamePressed:
		return shades{0x00000022, 0xffffff2a}, true
	case theme.ColorNameFocus:
		return shades{0x0f5b8c26, 0x7cc0ee33}, true
	case theme.ColorNameSelection:
		return shades{0x0f5b8c38, 0x7cc0ee4d}, true
	case theme.ColorNameShadow:
		return shades{0x0a182426, 0x00000080}, true
	case theme.ColorNameScrollBar:
		return shades{0x3d4a5899, 0xc3cedb8c}, true
	case theme.ColorNameScrollBarBackground:
		return shades{0x00000000, 0x00000000}, true
	case theme.ColorNameHeaderBackground:
		return shades{0xe9eef4ff, 0x202934ff}, true
	}
	return shades{}, false
}

// Color gives one of the colours.
func (t Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	s, ok := palette(name)
	if !ok {
		return theme.DefaultTheme().Color(name, variant)
	}
	v := s.light
	if variant == theme.VariantDark {
		v = s.dark
	}
	return color.NRGBA{R: uint8(v >> 24), G: uint8(v >> 16), B: uint8(v >> 8), A: uint8(v)}
}

// Font is Fyne's: Noto Sans is built in and knows most alphabets.
func (t Theme) Font(style fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(style) }

// Icon gives the pictures Fyne's own widgets need.
func (t Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

// times stands between a size's name and a factor.
const times = "×"

// Times names a size that is so many times another, for text that is larger
// than its surroundings. Only Theme knows such names.
func Times(name fyne.ThemeSizeName, factor float32) fyne.ThemeSizeName {
	if factor == 1 {
		return name
	}
	return fyne.ThemeSizeName(fmt.Sprintf("%s%s%g", name, times, factor))
}

// inset is the room Fyne leaves round every piece of text.
const inset = 8

// Size gives a length in Fyne's units: pixels on a screen of 96 dots an inch.
func (t Theme) Size(name fyne.ThemeSizeName) float32 {
	if base, by, ok := strings.Cut(string(name), times); ok {
		if factor, err := strconv.ParseFloat(by, 32); err == nil {
			return t.Size(fyne.ThemeSizeName(base)) * float32(factor)
		}
	}
	scale := t.Scale
	if scale <= 0 {
		scale = 1
	}
	switch name {
	case theme.SizeNameText:
		return usualText * scale
	case theme.SizeNameCaptionText:
		return 12 * scale
	case theme.SizeNameSubHeadingText: // headings are large already: they grow half as fast
		return max(17*(1+scale)/2, usualText*scale)
	case theme.SizeNameHeadingText:
		return 22 * (1 + scale) / 2
	case theme.SizeNameInlineIcon:
		return 18 * scale
	case theme.SizeNameInnerPadding:
		return inset
	case theme.SizeNamePadding, theme.SizeNameLineSpacing:
		return 4
	case theme.SizeNameInputBorder:
		return 1.5
	case theme.SizeNameInputRadius, theme.SizeNameButtonRadius:
		return 8
	case theme.SizeNameCardRadius, theme.SizeNameDialogRadius, theme.SizeNamePopupRadius:
		return 12
	case theme.SizeNameSelectionRadius:
		return 4
	case theme.SizeNameScrollBar:
		return 12
	case theme.SizeNameScrollBarSmall:
		return 5
	}
	return theme.DefaultTheme().Size(name)
}

package assets

import _ "embed" // the fonts

// Fonts are Noto Sans under the SIL Open Font License 1.1, whose text is beside
// them: Latin, Greek and Cyrillic letters, for papers. On screens the system's
// own fonts are used.
var (
	//go:embed fonts/NotoSans-Regular.ttf
	regular []byte
	//go:embed fonts/NotoSans-Bold.ttf
	bold []byte
)

// Font is a font as TrueType.
func Font() []byte { return regular }

// BoldFont is the same font, bold.
func BoldFont() []byte { return bold }

package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
)

// Icon is a picture in the colour of text.
func Icon(i assets.Icon) fyne.Resource { return IconIn(i, theme.ColorNameForeground) }

// IconIn is a picture in a colour of the theme.
func IconIn(i assets.Icon, in fyne.ThemeColorName) fyne.Resource {
	return theme.NewColoredResource(fyne.NewStaticResource(string(i)+".svg", i.SVG()), in)
}

// AppIcon is the program's own icon, for windows and the task bar.
func AppIcon() fyne.Resource {
	return fyne.NewStaticResource("handrail.svg", assets.Handrail.SVG())
}

// NewPicture shows an icon, size units across at the usual size of text.
func NewPicture(r fyne.Resource, size float32) fyne.CanvasObject {
	return Sized(widget.NewIcon(r), fyne.NewSquareSize(size))
}

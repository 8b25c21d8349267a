// Package card changes what a graphics card shows of Fyne's: the changed parts
// of a picture go to the card, and not the whole of it, which is all that Fyne
// itself can do.
//
// It works within Fyne's own painting. An object that comes right behind the
// picture is asked for its pixels while the picture's texture is still bound
// and its rectangle is still set up; there it calls Update, which changes the
// texture and has the card paint the rectangle once more. Nothing is kept from
// one time to the next, so nothing can be out of date.
//
//	c := card.New(false)
//	raster := canvas.NewRaster(func(w, h int) image.Image {
//		if c.Fast() { c.Update(picture, damage) }
//		…
//	})
package card

import "strings"

// Card is the OpenGL that Fyne paints with. Its methods are called while Fyne
// asks an object for its pixels.
type Card struct {
	anyway bool // even if there is no card
}

// New makes a Card. With anyway, OpenGL without a graphics card counts as fast
// too, for tests.
func New(anyway bool) *Card { return &Card{anyway: anyway} }

// software says whether a GL_RENDERER is a program and no graphics card. The
// names are those of Mesa's, Google's, Windows' and Apple's.
func software(renderer string) bool {
	r := strings.ToLower(renderer)
	for _, name := range []string{
		"llvmpipe", "softpipe", "swrast", "software rasterizer", "swiftshader",
		"gdi generic", "microsoft basic render", "apple software renderer",
	} {
		if strings.Contains(r, name) {
			return true
		}
	}
	return r == ""
}

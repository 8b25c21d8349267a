//go:build !cgo || ((arm || arm64 || gles) && !darwin)

package card

import "image"

// Fast is false: Fyne paints with OpenGL ES here, or not at all.
func (*Card) Fast() bool { return false }

// Update does nothing.
func (*Card) Update(*image.RGBA, []image.Rectangle) bool { return false }

package window

import (
	"errors"
	"fmt"

	"handrail/shared/x11"
)

// Errors of Ready.
var (
	ErrNoDisplay = errors.New("window: there is no display to open a window on")
	ErrNoOpenGL  = errors.New("window: the display has no OpenGL")
)

// Ready says whether windows of ours can be seen here. The toolkit needs
// OpenGL; without it, it would run on invisibly, and nobody must be helped by
// a program they can't see.
func Ready() error {
	x, err := x11.Dial("")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoDisplay, err)
	}
	defer x.Close()
	if err := x11.Use(x, "GLX"); err != nil {
		return fmt.Errorf("%w: %w", ErrNoOpenGL, err)
	}
	return nil
}

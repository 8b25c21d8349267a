package window

import (
	"errors"
	"fmt"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
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
	x, err := xgb.NewConn()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoDisplay, err)
	}
	defer x.Close()
	gl, err := xproto.QueryExtension(x, uint16(len("GLX")), "GLX").Reply()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoOpenGL, err)
	}
	if !gl.Present {
		return ErrNoOpenGL
	}
	return nil
}

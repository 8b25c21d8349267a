//go:build linux

package e2e

import (
	"fmt"
	"image"
	"math/rand/v2"
	"testing"

	"handrail/rep-console/remote"
	"handrail/shared/frame"
)

// TestEveryClickThatRaisesAWindowIsSeen has the rep click on windows that lie
// over each other on the customer's desktop. After each click the rep sees, to
// the last pixel, what the customer sees.
func TestEveryClickThatRaisesAWindowIsSeen(t *testing.T) {
	t.Parallel()
	names := []string{"one", "two", "three"}
	h := begin(t, func(p *person) {
		for i, name := range names {
			p.screen.Spawn("xterm", "-geometry", fmt.Sprintf("70x24+%d+%d", 20+60*i, 60+70*i), "-title", name,
				"-bg", []string{"#402020", "#204020", "#202040"}[i], "-e", "sh", "-c", "seq 400; cat")
		}
		p.wait("three terminals", func() bool {
			for _, name := range names {
				out, _ := p.screen.Command(p.t.Context(), "xdotool", "search", "--onlyvisible", "--name", "^"+name+"$").Output()
				if len(out) == 0 {
					return false
				}
			}
			return true
		})
	})
	h.grant("control")
	there, here := openEye(t, h.customer.screen), openEye(t, h.rep.screen)
	screen := image.Rectangle{Max: h.customer.look().Bounds().Size()}
	rng := rand.New(rand.NewPCG(3, 1))
	for range 25 {
		// Where the terminals lie over each other, one or the other is on top.
		h.clickAt(160+rng.IntN(250), 220+rng.IntN(150))
		h.clickAt([]int{40, 100, 560}[rng.IntN(3)], []int{100, 480}[rng.IntN(2)])
		h.rep.wait("what the customer sees", func() bool {
			place := h.rep.see("viewer")
			view := image.Rect(0, 0, place.W, place.H).Add(h.rep.origin(place))
			want := frame.New(view.Dx(), view.Dy())
			remote.NewScaler(screen.Size(), view.Size()).Scale(want, there.whole(screen), want.Bounds())
			return frame.Equal(here.whole(view), want)
		})
	}
}

package codec

import "time"

// taste is what a profile and the link's strain come to.
type taste struct {
	photo    int           // quantiser of photographs; 0: none, everything is exact at once
	exact    bool          // photographs become exact when they rest
	film     time.Duration // least time between two pictures of a film; 0: no films
	filmStep int           // quantiser of films
}

const (
	photoFine   = 8
	photoSmooth = 14
	photoCoarse = 22
)

// tastes by profile; of Automatic by strain.
var (
	automatic = [MaxStrain + 1]taste{
		{photoFine, true, time.Second / 60, 10},
		{11, true, time.Second / 31, 14},
		{16, true, time.Second / 21, 20},
		{photoCoarse, true, time.Second / 13, 28},
	}
	others = [...]taste{
		Bits32: {photoFine, true, time.Second / 60, 10},
		Bits16: {photoSmooth, false, time.Second / 16, 16},
		Bits8:  {photoCoarse, false, time.Second / 9, 26},
		Exact:  {exact: true},
	}
)

func tasteOf(p Profile, strain int) taste {
	if p == Automatic || int(p) >= len(others) {
		return automatic[min(max(strain, 0), MaxStrain)]
	}
	return others[p]
}

package words

import "testing"

func TestP04AKeyIsReadOut(t *testing.T) {
	german := Speaker{table: map[Sentence]string{SpokenFour: "vier", SpokenNine: "neun"}}
	tests := []struct {
		s    Speaker
		code string
		want string
	}{
		{Speaker{}, "482 913 · 507 264", "four eight two — nine one three — five zero seven — two six four"},
		{Speaker{}, "MAPLE-17", "Mike Alfa Papa Lima Echo — one seven"},
		{Speaker{}, "xyz", "X-ray Yankee Zulu"},
		{Speaker{}, " · ", ""},
		{Speaker{}, "", ""},
		{german, "49", "vier neun"},
	}
	for _, tt := range tests {
		if got := tt.s.ReadOut(tt.code); got != tt.want {
			t.Errorf("%q is read out as %q", tt.code, got)
		}
	}
}

package secret

import (
	"bytes"
	"crypto/rand"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/gtank/ristretto255"
)

// draft reads the vectors of the draft.
func draft(t testing.TB) map[string][]byte {
	t.Helper()
	file, err := os.ReadFile("testdata/cpace-ristretto255-sha512.txt")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]byte{}
	for line := range strings.Lines(string(file)) {
		name, text, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		if values[name], err = hex.DecodeString(text); err != nil {
			t.Fatal(err)
		}
	}
	return values
}

func scalar(t testing.TB, b []byte) *ristretto255.Scalar {
	t.Helper()
	s, err := ristretto255.NewScalar().SetCanonicalBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheDraftsVectorsComeOut(t *testing.T) {
	v := draft(t)
	same := func(what string, got []byte) {
		t.Helper()
		if want := v[what]; len(want) == 0 || !bytes.Equal(got, want) {
			t.Errorf("%s is\n%x, in the draft\n%x", what, got, want)
		}
	}
	gs := generatorString(v["prs"], v["ci"], v["sid"])
	same("generator_string", gs)
	h := sha512.Sum512(gs)
	same("hash", h[:])
	g, err := generator(v["prs"], v["ci"], v["sid"])
	if err != nil {
		t.Fatal(err)
	}
	same("g", g.Bytes())
	ya, yb := scalar(t, v["ya"]), scalar(t, v["yb"])
	same("Ya", ristretto255.NewIdentityElement().ScalarMult(ya, g).Bytes())
	same("Yb", ristretto255.NewIdentityElement().ScalarMult(yb, g).Bytes())
	for _, side := range []struct {
		s     *ristretto255.Scalar
		share []byte
	}{{ya, v["Yb"]}, {yb, v["Ya"]}} {
		k, err := multiply(side.s, side.share)
		if err != nil {
			t.Fatal(err)
		}
		same("K", k)
	}
	same("ISK", sessionKey(v["sid"], v["K"], v["Ya"], v["ada"], v["Yb"], v["adb"]))
	key := macKey(v["sid"], v["ISK"])
	same("Ta", tag(key, v["Ya"], v["ada"]))
	same("Tb", tag(key, v["Yb"], v["adb"]))
	sx, err := multiply(scalar(t, v["valid_s"]), v["valid_X"])
	if err != nil {
		t.Fatal(err)
	}
	same("valid_sX", sx)
	counting := make([]byte, 32)
	for i := range counting {
		counting[i] = byte(i)
	}
	same("resume", Resume(counting, sid(2), Rep))
}

func TestStringsArePutTogetherAsInTheDraft(t *testing.T) {
	got := hex.EncodeToString(lvCat([]byte("1234"), []byte("5"), nil, []byte("6789")))
	if got != "04313233340135000436373839" { // appendix A.1.4
		t.Error(got)
	}
	long := lvCat(make([]byte, 128)) // appendix A.1.2
	if len(long) != 130 || long[0] != 0x80 || long[1] != 0x01 {
		t.Errorf("%x", long)
	}
}

// badShares are encodings that must not be accepted: the draft's, and those
// of RFC 9496 appendix A.2 that are each invalid for a reason of its own.
func badShares(t testing.TB) map[string][]byte {
	bad := map[string][]byte{
		"the draft's invalid point":   draft(t)["invalid_Y1"],
		"the draft's neutral element": draft(t)["invalid_Y2"],
		"nothing":                     {},
		"31 bytes":                    make([]byte, 31),
		"33 bytes":                    make([]byte, 33),
	}
	for name, text := range map[string]string{
		"zero, not canonical":    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"all ones":               "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"past the field":         "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"negative":               "0100000000000000000000000000000000000000000000000000000000000000",
		"negative, high bit set": "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"non-square x^2":         "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
	} {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		bad[name] = b
	}
	return bad
}

func TestInvalidSharesAreRefused(t *testing.T) {
	for name, share := range badShares(t) {
		if _, err := multiply(scalar(t, draft(t)["valid_s"]), share); !errors.Is(err, errShare) {
			t.Errorf("%s: %v", name, err)
		}
		i, r := pair(t, "507264", "507264", sid(1), sid(1))
		if tag, err := i.Tag(message(stepCustomerShare, share)); !errors.Is(err, ErrMessage) || tag != nil {
			t.Errorf("%s: the rep says %x, %v", name, tag, err)
		}
		if own, err := r.Share(message(stepRepShare, share)); !errors.Is(err, ErrMessage) || own != nil {
			t.Errorf("%s: the customer says %x, %v", name, own, err)
		}
		// And there is no going on.
		if err := i.Finish(nil); !errors.Is(err, ErrOrder) {
			t.Errorf("%s: the rep goes on: %v", name, err)
		}
		if _, err := r.Finish(nil); !errors.Is(err, ErrOrder) {
			t.Errorf("%s: the customer goes on: %v", name, err)
		}
	}
}

// FuzzShare: a share is accepted only in the one spelling of an element that
// isn't the neutral one, whatever the scalar; what comes out is one again.
func FuzzShare(f *testing.F) {
	for _, b := range badShares(f) {
		f.Add(b)
	}
	f.Add(draft(f)["Ya"])
	f.Add(draft(f)["valid_X"])
	s := scalar(f, draft(f)["valid_s"])
	f.Fuzz(func(t *testing.T, share []byte) {
		k, err := multiply(s, share)
		if err != nil {
			if !errors.Is(err, errShare) || k != nil {
				t.Fatalf("%x, %v", k, err)
			}
			return
		}
		e, err := ristretto255.NewIdentityElement().SetCanonicalBytes(share)
		if err != nil || !bytes.Equal(e.Bytes(), share) {
			t.Fatalf("accepted %x, which is spelled %x, %v", share, e.Bytes(), err)
		}
		if _, err := multiply(s, k); err != nil {
			t.Fatalf("%x gave %x, which is no element", share, k)
		}
		if again, err := multiply(s, bytes.Clone(share)); err != nil || !bytes.Equal(again, k) {
			t.Fatalf("%x gave %x and %x", share, k, again)
		}
	})
}

func TestScalarsAreNeverZero(t *testing.T) {
	zeros := bytes.NewReader(make([]byte, 64))
	s, err := newScalar(readers(zeros, rand.Reader))
	if err != nil || s.Equal(ristretto255.NewScalar()) == 1 {
		t.Errorf("%v, %v", s, err)
	}
	if _, err := newScalar(zeros); err == nil {
		t.Error("drew a scalar without randomness")
	}
}

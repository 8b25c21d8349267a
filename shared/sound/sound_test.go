package sound

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"
)

// tone makes a WAV of a sine: the tests' own, so that they can find it again.
func tone(rate, channels, milliseconds int, hertz float64) []byte {
	n := rate * milliseconds / 1000
	data := make([]byte, 0, 2*channels*n)
	for i := range n {
		v := int16(12000 * math.Sin(2*math.Pi*hertz*float64(i)/float64(rate)))
		for range channels {
			data = binary.LittleEndian.AppendUint16(data, uint16(v))
		}
	}
	return file(1, channels, rate, 16, data)
}

// file makes a WAV around samples.
func file(format, channels, rate, bits int, data []byte) []byte {
	le := binary.LittleEndian
	head := le.AppendUint16(nil, uint16(format))
	head = le.AppendUint16(head, uint16(channels))
	head = le.AppendUint32(head, uint32(rate))
	head = le.AppendUint32(head, uint32(rate*channels*bits/8))
	head = le.AppendUint16(head, uint16(channels*bits/8))
	head = le.AppendUint16(head, uint16(bits))
	body := []byte("WAVE")
	for _, c := range []struct {
		name string
		data []byte
	}{{"fmt ", head}, {"LIST", []byte("odd")}, {"data", data}} {
		body = append(body, c.name...)
		body = le.AppendUint32(body, uint32(len(c.data)))
		body = append(body, c.data...)
		if len(c.data)%2 == 1 {
			body = append(body, 0)
		}
	}
	return append(le.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func TestParseReadsWhatTheFileSays(t *testing.T) {
	c, err := parse(tone(44100, 2, 100, 880))
	if err != nil {
		t.Fatal(err)
	}
	if c.rate != 44100 || c.channels != 2 || len(c.pcm) != 4410*4 {
		t.Errorf("rate %d, channels %d, %d bytes", c.rate, c.channels, len(c.pcm))
	}
}

func TestParseRefusesWhatItCannotPlay(t *testing.T) {
	good := tone(8000, 1, 10, 440)
	for name, wav := range map[string][]byte{
		"nothing":       nil,
		"text":          []byte("this is not a sound"),
		"cut short":     good[:len(good)-3],
		"float samples": file(3, 1, 44100, 32, make([]byte, 64)),
		"8 bits":        file(1, 1, 44100, 8, make([]byte, 64)),
		"8 channels":    file(1, 8, 44100, 16, make([]byte, 64)),
		"no rate":       file(1, 1, 0, 16, make([]byte, 64)),
		"no samples":    file(1, 1, 44100, 16, nil),
		"too long":      file(1, 1, 44100, 16, make([]byte, maxWAV+2)),
	} {
		if _, err := parse(wav); !errors.Is(err, ErrNotWAV) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(tone(8000, 1, 5, 440))
	f.Add(tone(48000, 2, 5, 440))
	f.Fuzz(func(t *testing.T, wav []byte) {
		c, err := parse(wav)
		if err != nil {
			return
		}
		if len(c.pcm) > len(wav) || len(c.pcm)%(2*c.channels) != 0 {
			t.Errorf("%d bytes of %d channels out of a file of %d", len(c.pcm), c.channels, len(wav))
		}
		again, err := parse(file(1, c.channels, c.rate, 16, c.pcm))
		if len(c.pcm) > 0 && (err != nil || again.rate != c.rate || again.channels != c.channels || !bytes.Equal(again.pcm, c.pcm)) {
			t.Errorf("writing it again gives another sound: %v", err)
		}
	})
}

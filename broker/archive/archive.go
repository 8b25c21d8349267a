// Package archive is the file that a backup of the broker is: everything that
// makes it this broker, sealed with a passphrase.
//
// The file is what age (https://age-encryption.org/v1) makes of the passphrase
// and a zstd stream, which holds one line of JSON with the small files and then
// the store's dump. So it can be opened without Handrail, too:
//
//	age -d backup | zstd -d
package archive

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// Errors of Read.
var (
	// ErrPassphrase: the archive was sealed with another passphrase.
	ErrPassphrase = errors.New("archive: another passphrase")
	// ErrNoArchive: this is no archive, or a newer broker's, or a part of one.
	ErrNoArchive = errors.New("archive: not a whole archive")
)

const (
	version = 1

	// work makes one try of a passphrase take about a second (age's default).
	// maxWork bounds what a forged file may cost.
	work    = 18
	maxWork = 20

	maxHead = 1 << 20 // bytes of the first line
	window  = 8 << 20 // bytes that a forged file may have zstd keep
)

// head is the first line.
type head struct {
	Handrail string            `json:"handrail"`
	Version  int               `json:"version"`
	Files    map[string][]byte `json:"files"`
}

// Write makes an archive of files and of what dump writes.
func Write(to io.Writer, passphrase string, files map[string][]byte, dump func(io.Writer) error) error {
	lock, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return fmt.Errorf("using the passphrase: %w", err)
	}
	lock.SetWorkFactor(work)
	sealed, err := age.Encrypt(to, lock)
	if err != nil {
		return fmt.Errorf("sealing: %w", err)
	}
	packed, err := zstd.NewWriter(sealed)
	if err != nil {
		return fmt.Errorf("packing: %w", err)
	}
	err = json.NewEncoder(packed).Encode(head{"backup", version, files})
	if err == nil {
		err = dump(packed)
	}
	if err := errors.Join(err, packed.Close()); err != nil {
		return fmt.Errorf("packing: %w", err)
	}
	if err := sealed.Close(); err != nil { // without it the archive is not whole
		return fmt.Errorf("sealing: %w", err)
	}
	return nil
}

// Read opens an archive: its files, and the dump, which is to be read to its
// end and closed.
func Read(from io.Reader, passphrase string) (files map[string][]byte, dump io.ReadCloser, err error) {
	key, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, nil, fmt.Errorf("using the passphrase: %w", err)
	}
	key.SetMaxWorkFactor(maxWork)
	open, err := age.Decrypt(from, key)
	var wrong *age.NoIdentityMatchError
	switch {
	case errors.As(err, &wrong):
		return nil, nil, ErrPassphrase
	case err != nil:
		return nil, nil, fmt.Errorf("%w: %w", ErrNoArchive, err)
	}
	unpacked, err := zstd.NewReader(open, zstd.WithDecoderMaxWindow(window))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrNoArchive, err)
	}
	r := bufio.NewReaderSize(unpacked, maxHead)
	line, err := r.ReadSlice('\n')
	var h head
	if err == nil {
		err = json.Unmarshal(line, &h)
	}
	if err != nil || h.Handrail != "backup" || h.Version != version {
		unpacked.Close()
		return nil, nil, errors.Join(ErrNoArchive, err)
	}
	return h.Files, reader{r, unpacked}, nil
}

// reader gives the rest of an archive.
type reader struct {
	*bufio.Reader
	unpacked *zstd.Decoder
}

// Close frees the decoder.
func (r reader) Close() error {
	r.unpacked.Close()
	return nil
}

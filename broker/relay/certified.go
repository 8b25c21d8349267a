package relay

import (
	"bytes"
	"context"
	"time"

	"handrail/shared/wire"
)

// A console's certificate (row Z04) is made by the organisation's key, which is
// not here. The relay hands out what an administrator has put into the store; a
// wrong one is worth nothing to any program that knows the organisation's
// public key.

// certificate is a console's certificate, nil where there is none that a
// message could carry; false: it could not be read.
func (d *reader) certificate(ctx context.Context, key []byte, now time.Time) ([]byte, bool) {
	b, err := d.relay.store.Certificate(ctx, key, now)
	if err != nil {
		d.relay.config.Log.Warn("a console's certificate was not read", "error", err)
		return nil, false
	}
	if len(b) > wire.MaxCertificate {
		return nil, true
	}
	return b, true
}

// recertify tells the console of a certificate that came while it was signed
// in; false: it could not be read.
func (d *reader) recertify(ctx context.Context, now time.Time) bool {
	b, ok := d.certificate(ctx, d.login.key, now)
	if len(b) > 0 && !bytes.Equal(b, d.login.certificate) {
		d.login.certificate = b
		d.relay.send(d.conn, &wire.Certified{Certificate: b})
	}
	return ok
}

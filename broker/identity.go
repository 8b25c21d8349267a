package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"time"

	"handrail/broker/certs"
	"handrail/broker/store"
	"handrail/shared/words"
)

// secretSize is that of the reset key and of the relay's secret, in bytes.
const secretSize = 32

// identity is what makes this broker this broker: what it keeps for good.
type identity struct {
	organisation string
	certificate  tls.Certificate
	pin          string
	resetKey     [secretSize]byte
	turnSecret   []byte
}

// identify reads who this broker is, and makes up what is missing.
func identify(ctx context.Context, kept *store.Store, set *told) (*identity, error) {
	who := &identity{}
	secrets := map[string][]byte{settingResetKey: nil, settingTURNSecret: nil}
	for name := range secrets {
		secret, err := kept.Setting(ctx, name)
		if err == nil && len(secret) != secretSize {
			secret = make([]byte, secretSize)
			rand.Read(secret) // never fails
			err = kept.SetSetting(ctx, name, secret)
		}
		if err != nil {
			return nil, storeTrouble(err, set.place)
		}
		secrets[name] = secret
	}
	who.resetKey, who.turnSecret = [secretSize]byte(secrets[settingResetKey]), secrets[settingTURNSecret]

	name, err := kept.Setting(ctx, settingOrganisation)
	if err != nil {
		return nil, storeTrouble(err, set.place)
	}
	who.organisation = cmp.Or(set.name, string(name), "Handrail")

	if set.cert != "" {
		if who.certificate, err = certs.Files(set.cert, set.key); err != nil {
			return nil, sorry(err, words.BrokerBadCert)
		}
	} else if who.certificate, err = certs.Own(set.data, set.host, time.Now()); err != nil {
		return nil, sorry(err, words.BrokerBadOwnCert, set.data)
	}
	who.pin = certs.Pin(who.certificate)
	for name, value := range map[string]string{settingOrganisation: who.organisation, settingPin: who.pin} {
		if err := kept.SetSetting(ctx, name, []byte(value)); err != nil {
			return nil, storeTrouble(err, set.place)
		}
	}
	return who, nil
}

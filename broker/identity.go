package main

import (
	"cmp"
	"context"
	"crypto/rand"
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
	fresh        *certs.Fresh
	moved        bool // programs may know another pin
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

	known, err := kept.Setting(ctx, settingPin)
	if err != nil {
		return nil, storeTrouble(err, set.place)
	}
	if who.fresh, err = openCertificate(set, string(known)); err != nil {
		return nil, err
	}
	who.moved = len(known) > 0 && string(known) != who.fresh.Pin()
	for name, value := range map[string]string{settingOrganisation: who.organisation, settingPin: who.fresh.Pin()} {
		if err := kept.SetSetting(ctx, name, []byte(value)); err != nil {
			return nil, storeTrouble(err, set.place)
		}
	}
	return who, nil
}

// openCertificate gives the certificate of files, or the broker's own. Its own
// key is beside the database, so it can be left behind when either moves, and
// programs that know the pin of before would refuse another one.
func openCertificate(set *told, known string) (*certs.Fresh, error) {
	if set.cert != "" {
		fresh, err := certs.FreshFiles(set.cert, set.key)
		if err != nil {
			return nil, sorry(err, words.BrokerBadCert)
		}
		return fresh, nil
	}
	_, pin, err := ownKey(set.data)
	if err != nil {
		return nil, err
	}
	if known != "" && pin != known && !set.newKey {
		return nil, sorry(nil, words.BrokerOtherPin, set.data)
	}
	fresh, err := certs.FreshOwn(set.data, set.host, time.Now())
	if err != nil { // what is there was read, so it is the writing
		return nil, sorry(err, words.BrokerCantKeep, set.data)
	}
	return fresh, nil
}

// ownKey reads the files of the broker's own certificate, as far as there are
// any, and the pin.
func ownKey(dir string) (files map[string][]byte, pin string, err error) {
	files, err = certs.Kept(dir)
	if err == nil {
		pin, err = certs.KeptPin(files)
	}
	if err != nil {
		return nil, "", sorry(err, words.BrokerBadOwnCert, dir)
	}
	return files, pin, nil
}

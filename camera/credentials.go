package camera

import "github.com/rtsp-viewer/rtsp-viewer/internal/fault"

// credentials are what a request says of addresses and credentials together: an address may bring a user name and a password, which
// both streams share.
type credentials struct {
	address      *string // nil: not sent
	subAddress   *string // nil: not sent; empty: none
	username     string
	usernameSent bool // as somebody's wish, not as the one that GET gave
	password     Password
	passwordSent bool
}

// brought is what a request turned out to bring.
type brought struct {
	password bool     // anew, alone or inside an address
	carried  []string // addresses that came back with dots in place of a password in their path
}

// credentials puts into the draft what a request says. The same thing said twice must be the same: which one was meant can't be
// guessed.
func (d *draft) credentials(fail *fault.Error, c credentials) (*fault.Error, brought) {
	var b brought
	if c.usernameSent {
		d.secret.Username = c.username
		fail = at(fail, "username", checkCredential(c.username))
	}
	if c.passwordSent {
		d.secret.Password = c.password
		fail = at(fail, "password", checkSecret(c.password))
	}
	for _, part := range []struct {
		path string
		raw  *string
		to   *string
	}{
		{"address", c.address, &d.secret.Address},
		{"sub_address", c.subAddress, &d.secret.SubAddress},
	} {
		if part.raw == nil {
			continue
		}
		if *part.raw == "" {
			if part.path == "address" {
				fail = fail.At(part.path, "required")
			}
			*part.to = ""
			continue
		}
		raw, carried, ok := unmask(*part.raw, *part.to)
		if !ok {
			fail = fail.At(part.path, "redacted")
			continue
		}
		if carried {
			b.carried = append(b.carried, part.path)
		}
		a, code := parseAddress(raw)
		if code != "" {
			fail = fail.At(part.path, code)
			continue
		}
		*part.to = a.String()
		if a.hasUsername {
			if c.usernameSent && c.username != a.username {
				fail = fail.At(part.path, differentCredentials)
			}
			c.username, c.usernameSent = a.username, true
			d.secret.Username = a.username
			fail = at(fail, part.path, checkCredential(a.username))
		}
		if a.hasPassword {
			if c.passwordSent && c.password != a.password {
				fail = fail.At(part.path, differentCredentials)
			}
			c.password, c.passwordSent = a.password, true
			d.secret.Password = a.password
			fail = at(fail, part.path, checkSecret(a.password))
		}
	}
	b.password = c.passwordSent
	return fail, b
}

// differentCredentials is the code of an address that brings other credentials than the rest of the request.
const differentCredentials = "camera.credentials_differ"

// dialsBeyond names the addresses by which the camera would be dialled where the old one was not.
func (o open4) dialsBeyond(old open4) []string {
	known := map[string]bool{}
	for _, text := range []string{old.Address, old.SubAddress} {
		if a, code := parseAddress(text); code == "" {
			known[a.endpoint()] = true
		}
	}
	var beyond []string
	for _, part := range []struct{ path, text string }{{"address", o.Address}, {"sub_address", o.SubAddress}} {
		if part.text == "" {
			continue
		}
		if a, code := parseAddress(part.text); code != "" || !known[a.endpoint()] {
			beyond = append(beyond, part.path)
		}
	}
	return beyond
}

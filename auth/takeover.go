package auth

import (
	"time"

	"golang.org/x/crypto/bcrypt"
)

// maxBcryptCost is the highest cost of a bcrypt hash that is kept: 14 takes about a second, and each step doubles it.
const maxBcryptCost = 14

// BcryptHash reports whether text is a bcrypt hash that somebody can sign in with.
func BcryptHash(text string) bool {
	cost, err := bcrypt.Cost([]byte(text))
	return err == nil && len(text) == 60 && cost <= maxBcryptCost
}

// Prepare gives the account that another program's user becomes, and keeps nothing. hash is a bcrypt hash, or empty: then nobody can sign in
// before an admin has set a password. ErrUser with its fields.
func Prepare(u User, hash string, created, updated time.Time) (Account, error) {
	u = u.tidied()
	u.ID, u.Version, u.Kind, u.Notes, u.HasPassword = UserID(newID()), 1, KindPerson, "", hash != ""
	u.CreatedAt, u.UpdatedAt = millis(created.UTC()), millis(updated.UTC())
	if faults := u.faults(); len(faults.Fields) > 0 {
		return Account{}, faults
	}
	if hash != "" && !BcryptHash(hash) {
		return Account{}, ErrPassword.At("password", "not_allowed")
	}
	return Account{User: u, PasswordHash: hash}, nil
}

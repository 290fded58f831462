package auth

// HashRuns gives how many password hashes were computed since New.
func (s *Service) HashRuns() int64 { return s.hasher.runs.Load() }

// DecoyHash gives what is computed for an account that is not there.
func (s *Service) DecoyHash() (string, error) { return s.hasher.decoy() }

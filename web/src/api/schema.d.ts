// Made from the OpenAPI document of the gateway by `make schema`. Do not edit: a test holds it to the document.

export interface paths {
  "/api/docs": {
    /** It as a page */
    get: operations["docs"];
  };
  "/api/docs/app.js": {
    /** The page's script */
    get: operations["docs-script"];
  };
  "/api/docs/codes.json": {
    /** Every code, for programs */
    get: operations["codes"];
  };
  "/api/docs/errors": {
    /** Every code, in words, and whether to try again */
    get: operations["errors"];
  };
  "/api/docs/errors.js": {
    /** That page's script */
    get: operations["errors-script"];
  };
  "/api/docs/style.css": {
    /** The page's style */
    get: operations["docs-style"];
  };
  "/api/docs/words.json": {
    /** Every code in words, for programs */
    get: operations["code-words"];
  };
  "/api/v1/auth/device": {
    /** Sign a wall screen in by its code; lasts 400 days and longer by use */
    post: operations["login-device"];
  };
  "/api/v1/auth/login": {
    /** Sign in by login name or e-mail */
    post: operations["login"];
  };
  "/api/v1/auth/logout": {
    /** Sign out here */
    post: operations["logout"];
  };
  "/api/v1/auth/refresh": {
    /** Exchange the refresh cookie for new tokens */
    post: operations["refresh"];
  };
  "/api/v1/cameras": {
    /** All cameras */
    get: operations["list-cameras"];
    /** Add a camera */
    post: operations["create-camera"];
  };
  "/api/v1/cameras/bulk": {
    /** Change many cameras: fields, tags, groups */
    post: operations["change-cameras"];
  };
  "/api/v1/cameras/bulk-delete": {
    /** Delete many cameras; those in use are told */
    post: operations["delete-cameras"];
  };
  "/api/v1/cameras/export": {
    /** All cameras as a spreadsheet; ?passwords=true for admins, which is logged */
    get: operations["export-cameras"];
  };
  "/api/v1/cameras/import": {
    /** Add and change cameras by a spreadsheet; ?dry_run=true only judges it, ?skip_invalid=true takes the rows that are right; ?as=xlsx answers with the sheet and its verdicts; Accept: application/x-ndjson with how far it is and at last what came of it */
    post: operations["import-cameras"];
  };
  "/api/v1/cameras/probe": {
    /** Look at a camera: what it sends, what will carry it, what to change; within 20 s */
    post: operations["probe-camera"];
  };
  "/api/v1/cameras/template": {
    /** An empty spreadsheet with explanations */
    get: operations["camera-template"];
  };
  "/api/v1/cameras/{id}": {
    /** Delete a camera; 409 with counts if it is in use */
    delete: operations["delete-camera"];
    /** One camera */
    get: operations["get-camera"];
    /** Change a camera; a new address redials it at once */
    patch: operations["patch-camera"];
  };
  "/api/v1/cameras/{id}/hls": {
    /** Watch by HLS; waits at most 5 s for the camera */
    post: operations["hls"];
  };
  "/api/v1/cameras/{id}/passport/still": {
    /** The picture of a camera's last probe */
    get: operations["get-passport-still"];
  };
  "/api/v1/cameras/{id}/users": {
    /** Who was granted it, and how */
    get: operations["list-camera-users"];
  };
  "/api/v1/cameras/{id}/whep": {
    /** Watch by WHEP */
    post: operations["whep"];
  };
  "/api/v1/devices": {
    /** Wall screens */
    get: operations["list-devices"];
    /** Add a wall screen, and get the code that signs it in */
    post: operations["create-device"];
  };
  "/api/v1/devices/{id}": {
    /** Delete it with its grants */
    delete: operations["delete-device"];
    /** One of them */
    get: operations["get-device"];
    /** Change its name, notes, limit, ban or language */
    patch: operations["patch-device"];
  };
  "/api/v1/devices/{id}/code": {
    /** Get a new code; the screen stays signed in until it is used */
    post: operations["renew-device-code"];
  };
  "/api/v1/devices/{id}/session": {
    /** Sign the screen out */
    delete: operations["end-device-session"];
  };
  "/api/v1/events": {
    /** What happened */
    get: operations["list-events"];
  };
  "/api/v1/events/stream": {
    /** The same as it happens (SSE, Last-Event-ID) */
    get: operations["stream-events"];
  };
  "/api/v1/grants": {
    /** Grant cameras and groups to many */
    post: operations["grant-many"];
  };
  "/api/v1/grants/withdraw": {
    /** Withdraw cameras and groups from many */
    post: operations["withdraw-many"];
  };
  "/api/v1/groups": {
    /** Groups of cameras */
    get: operations["list-groups"];
    /** Make a group */
    post: operations["create-group"];
  };
  "/api/v1/groups/{id}": {
    /** Delete a group and its grants */
    delete: operations["delete-group"];
    /** One group */
    get: operations["get-group"];
    /** Change its name or notes */
    patch: operations["patch-group"];
  };
  "/api/v1/groups/{id}/cameras/{camera_id}": {
    /** Take a camera out of it */
    delete: operations["remove-from-group"];
    /** Put a camera into it */
    put: operations["add-to-group"];
  };
  "/api/v1/groups/{id}/users": {
    /** Who was granted it */
    get: operations["list-group-users"];
  };
  "/api/v1/me": {
    /** My account */
    get: operations["get-me"];
    /** Change my name, phone or language */
    patch: operations["patch-me"];
  };
  "/api/v1/me/cameras": {
    /** Cameras that I may watch */
    get: operations["list-my-cameras"];
  };
  "/api/v1/me/cameras/{id}": {
    /** One of them */
    get: operations["get-my-camera"];
  };
  "/api/v1/me/favorites": {
    /** My favourites among them */
    get: operations["list-favorites"];
  };
  "/api/v1/me/favorites/{camera_id}": {
    /** Make it none */
    delete: operations["remove-favorite"];
    /** Make a camera a favourite */
    put: operations["add-favorite"];
  };
  "/api/v1/me/password": {
    /** Change my password; signs out everywhere else */
    post: operations["change-password"];
  };
  "/api/v1/me/sessions": {
    /** Sign me out everywhere, here too */
    delete: operations["end-my-sessions"];
    /** Where I am signed in */
    get: operations["list-my-sessions"];
  };
  "/api/v1/me/sessions/{id}": {
    /** Sign me out at one place */
    delete: operations["end-my-session"];
  };
  "/api/v1/me/tokens": {
    /** My API tokens */
    get: operations["list-my-tokens"];
    /** Make an API token; its key is shown once */
    post: operations["create-token"];
  };
  "/api/v1/me/tokens/{id}": {
    /** Take an API token away, with what was opened and made by it */
    delete: operations["delete-my-token"];
  };
  "/api/v1/me/views": {
    /** What I watch now, on all devices */
    get: operations["list-my-views"];
  };
  "/api/v1/openapi.json": {
    /** This document */
    get: operations["openapi"];
  };
  "/api/v1/people": {
    /** Who there is, to grant cameras to */
    get: operations["list-people"];
  };
  "/api/v1/people/{id}": {
    /** One of them */
    get: operations["get-person"];
  };
  "/api/v1/probes": {
    /** The last ten jobs, the newest first */
    get: operations["list-probes"];
    /** Probe many cameras, one job at a time */
    post: operations["begin-probes"];
  };
  "/api/v1/probes/{id}": {
    /** End a job; what it found stays */
    delete: operations["cancel-probes"];
    /** How far a job is */
    get: operations["get-probes"];
  };
  "/api/v1/probes/{id}/cameras": {
    /** The cameras of a job with what was found */
    get: operations["list-probed-cameras"];
  };
  "/api/v1/probes/{id}/sheet": {
    /** What a job found, as a spreadsheet */
    get: operations["probes-sheet"];
  };
  "/api/v1/settings": {
    /** What may be changed while the gateway runs */
    get: operations["get-settings"];
    /** Change it; it counts everywhere within 2 s */
    patch: operations["patch-settings"];
  };
  "/api/v1/signaling": {
    /** WebSocket, subprotocol rtsp-viewer.v1 */
    get: operations["signaling"];
  };
  "/api/v1/tags": {
    /** Tags of cameras */
    get: operations["list-tags"];
  };
  "/api/v1/users": {
    /** All accounts */
    get: operations["list-users"];
    /** Register somebody */
    post: operations["create-user"];
  };
  "/api/v1/users/bulk": {
    /** Set limit, ban, role or language of many */
    post: operations["bulk-users"];
  };
  "/api/v1/users/{id}": {
    /** Delete an account */
    delete: operations["delete-user"];
    /** One account */
    get: operations["get-user"];
    /** Change an account: names, role, ban, limit, password */
    patch: operations["patch-user"];
  };
  "/api/v1/users/{id}/cameras": {
    /** A user's cameras, and by which grants */
    get: operations["list-user-cameras"];
  };
  "/api/v1/users/{id}/cameras/{camera_id}": {
    /** Revoke it */
    delete: operations["revoke-camera"];
    /** Grant a camera */
    put: operations["grant-camera"];
  };
  "/api/v1/users/{id}/grants/copy": {
    /** Give somebody another one's grants */
    post: operations["copy-grants"];
  };
  "/api/v1/users/{id}/groups": {
    /** A user's groups */
    get: operations["list-user-groups"];
  };
  "/api/v1/users/{id}/groups/{group_id}": {
    /** Revoke it */
    delete: operations["revoke-group"];
    /** Grant a group: whatever cameras it holds at any moment */
    put: operations["grant-group"];
  };
  "/api/v1/users/{id}/sessions": {
    /** Sign somebody out everywhere */
    delete: operations["end-user-sessions"];
    /** Where somebody is signed in */
    get: operations["list-user-sessions"];
  };
  "/api/v1/users/{id}/sessions/{session_id}": {
    /** Sign somebody out at one place */
    delete: operations["end-user-session"];
  };
  "/api/v1/users/{id}/tokens": {
    /** Somebody's API tokens */
    get: operations["list-user-tokens"];
  };
  "/api/v1/users/{id}/tokens/{token_id}": {
    /** Take one away */
    delete: operations["delete-user-token"];
  };
  "/api/v1/views": {
    /** Who watches what now */
    get: operations["list-views"];
  };
  "/api/v1/views/{id}": {
    /** End a view: one's own, or anybody's for a moderator */
    delete: operations["end-view"];
  };
  "/api/v1/whep/{secret}": {
    /** End a WHEP view */
    delete: operations["whep-end"];
    /** Trickle candidates of a WHEP view */
    patch: operations["whep-candidates"];
  };
  "/healthz": {
    /** The process answers */
    get: operations["healthz"];
  };
  "/hls/{secret}/{file}": {
    /** Playlists and segments of a view by HLS; the secret in the path is the right to them */
    get: operations["hls-file"];
  };
  "/metrics": {
    /** Metrics for Prometheus */
    get: operations["metrics"];
  };
  "/readyz": {
    /** The gateway can work: its database answers */
    get: operations["readyz"];
  };
}

export interface components {
  schemas: {
    Advice: {
      code: string;
      params: Record<string, string>;
    };
    Camera: {
      /** without credentials */
      address: string;
      readonly created_at: string;
      readonly has_password: boolean;
      readonly id: string;
      location: string;
      name: string;
      notes: string;
      /** the short number by which people call it */
      number: number;
      /** what the last probe found; null before, and after a change of how the camera is dialled */
      readonly passport: components["schemas"]["Passport"];
      /** when it last answered or showed a picture; null: never */
      readonly seen_at: string | null;
      /** unknown: nobody watches it and nobody has asked it; reachable: it answers, and nobody watches it */
      readonly state: "unknown" | "reachable" | "connecting" | "live" | "stalled" | "refused" | "unsupported";
      /** why; empty for a healthy camera */
      readonly state_code: string;
      /** null while unknown */
      readonly state_since: string | null;
      /** the low-resolution stream; may be empty */
      sub_address: string;
      /** ask it now and then whether it answers, while nobody watches it */
      sweep: boolean;
      tags: Array<string>;
      transport: "auto" | "tcp" | "udp";
      readonly updated_at: string;
      username: string;
      /** rises with every change; the ETag */
      readonly version: number;
      /** how many show it now */
      readonly views: number;
    };
    CameraFailure: {
      code: string;
      id: string;
    };
    CameraInUse: {
      code: string;
      favorites: number;
      grants: number;
      groups: number;
      id: string;
      views: number;
    };
    CameraName: {
      id: string;
      name: string;
      number: number;
    };
    CameraPatch: {
      address?: string | null;
      location?: string | null;
      name?: string | null;
      notes?: string | null;
      number?: number | null;
      /** absent keeps it, null takes it away; must be sent again with a new host, port or scheme */
      password?: string | null;
      sub_address?: string | null;
      sweep?: boolean | null;
      tags?: Array<string> | null;
      transport?: "auto" | "tcp" | "udp" | null;
      username?: string | null;
    };
    CameraSet: {
      /** empty clears it */
      location?: string;
      sweep?: boolean;
      transport?: "auto" | "tcp" | "udp";
    };
    CameraUser: {
      id: string;
      /** left out where it is not known any more */
      kind?: "person" | "device";
      login: string;
      name: string;
      via: Array<components["schemas"]["Via"]>;
    };
    CamerasChange: {
      add_groups?: Array<string> | null;
      add_tags?: Array<string> | null;
      ids: Array<string> | null;
      remove_groups?: Array<string> | null;
      remove_tags?: Array<string> | null;
      set?: components["schemas"]["CameraSet"];
    };
    CamerasChanged: {
      changed: number;
      failed: Array<components["schemas"]["CameraFailure"]>;
      /** they were so already */
      unchanged: number;
    };
    CamerasDeleted: {
      deleted: number;
      failed: Array<components["schemas"]["CameraInUse"]>;
    };
    CamerasDeletion: {
      /** delete those in use too */
      force?: boolean;
      ids: Array<string> | null;
    };
    Carriage: {
      /** how it gets there */
      by: "copy" | "transcode" | "";
      carried: boolean;
      /** why not */
      code: string;
      sound: boolean;
      /** why there is no sound, where the camera has any */
      sound_code: string;
    };
    Device: {
      banned: boolean;
      /** of the code that will sign it in next; null if there is none */
      readonly code_expires_at: string | null;
      readonly created_at: string;
      readonly id: string;
      /** ru, en, or empty for the browser's */
      language: string;
      name: string;
      /** may be empty */
      notes: string;
      /** the screen's address at that time */
      readonly remote: string;
      /** within the life of an access token; null: it never signed in */
      readonly seen_at: string | null;
      readonly signed_in: boolean;
      readonly updated_at: string;
      readonly user_agent: string;
      /** rises with every change; the ETag */
      readonly version: number;
      /** views at once: null is the gateway's default, 0 none, else 1 to 64 */
      views_limit: number | null;
    };
    DevicePatch: {
      /** a ban signs the screen out */
      banned?: boolean | null;
      language?: string | null;
      name?: string | null;
      notes?: string | null;
      /** null: the gateway's default */
      views_limit?: number | null;
    };
    DeviceSignIn: {
      /** as shown; hyphen and small letters do not matter */
      code: string;
    };
    DeviceWithCode: {
      banned: boolean;
      /** to be typed at the screen; good for one use within 15 minutes, and shown only now */
      code: string;
      /** of the code that will sign it in next; null if there is none */
      readonly code_expires_at: string | null;
      readonly created_at: string;
      readonly id: string;
      /** ru, en, or empty for the browser's */
      language: string;
      /** the same as an address for the screen's browser, from the gateway's root */
      link: string;
      name: string;
      /** may be empty */
      notes: string;
      /** the screen's address at that time */
      readonly remote: string;
      /** within the life of an access token; null: it never signed in */
      readonly seen_at: string | null;
      readonly signed_in: boolean;
      readonly updated_at: string;
      readonly user_agent: string;
      /** rises with every change; the ETag */
      readonly version: number;
      /** views at once: null is the gateway's default, 0 none, else 1 to 64 */
      views_limit: number | null;
    };
    Event: {
      /** who did it; empty for the gateway itself */
      actor: components["schemas"]["Person"];
      at: string;
      /** empty if none */
      camera: components["schemas"]["CameraName"];
      /** why */
      code: string;
      /** names of changed fields */
      fields: Array<string>;
      /** growing */
      id: number;
      kind: "session.begun" | "session.refused" | "session.ended" | "view.begun" | "view.ended" | "user.created" | "user.changed" | "user.deleted" | "device.created" | "device.changed" | "device.deleted" | "token.created" | "token.deleted" | "camera.created" | "camera.changed" | "camera.deleted" | "camera.state" | "camera.exported" | "group.created" | "group.changed" | "group.deleted" | "grant.given" | "grant.withdrawn" | "probe.started" | "probe.ended" | "settings.changed" | "server.started" | "server.stopped" | "server.failed";
      lasted_ms: number;
      note: string;
      remote: string;
      /** how many occurrences this one stands for */
      times: number;
      transport: string;
      /** whom it was done to, if not the actor */
      user: components["schemas"]["Person"];
      view: string;
    };
    FieldProblem: {
      /** stable code of what is wrong with it */
      code: string;
      /** where: a field of the body, or a parameter's name */
      path: string;
    };
    GrantPairs: {
      cameras?: Array<string> | null;
      groups?: Array<string> | null;
      users: Array<string> | null;
    };
    GrantTerms: {
      /** when it ends; null or absent: never */
      expires_at?: string | null;
      reason?: string | null;
    };
    GrantedCamera: {
      id: string;
      location: string;
      name: string;
      number: number;
      /** when it last answered or showed a picture; null: never */
      readonly seen_at: string | null;
      /** unknown: nobody watches it and nobody has asked it; reachable: it answers, and nobody watches it */
      readonly state: "unknown" | "reachable" | "connecting" | "live" | "stalled" | "refused" | "unsupported";
      /** why; empty for a healthy camera */
      readonly state_code: string;
      /** null while unknown */
      readonly state_since: string | null;
      tags: Array<string>;
      via: Array<components["schemas"]["Via"]>;
    };
    GrantedGroup: {
      /** how many it holds */
      cameras: number;
      /** when the grant ends; null: never */
      expires_at: string | null;
      granted_at: string;
      /** the name, at that time, of who gave it */
      granted_by: string;
      id: string;
      name: string;
      reason: string;
    };
    GrantsCopied: {
      given: number;
      withdrawn: number;
    };
    GrantsCopy: {
      /** the user whose grants are copied */
      from: string;
      /** add: what there is stays as it is; replace: afterwards both have the same */
      mode: "add" | "replace";
    };
    GrantsGiven: {
      given: number;
      /** given before on the same terms */
      unchanged: number;
    };
    GrantsWithdrawn: {
      withdrawn: number;
    };
    Group: {
      /** how many it holds; GET /cameras?group= lists them */
      readonly cameras: number;
      readonly created_at: string;
      readonly id: string;
      name: string;
      notes: string;
      readonly updated_at: string;
      /** how many were granted it */
      readonly users: number;
      readonly version: number;
    };
    GroupPatch: {
      name?: string | null;
      notes?: string | null;
    };
    HLSView: {
      /** for players that follow RFC 8216 to the letter */
      native_playlist: string;
      /** for hls.js */
      playlist: string;
      view: string;
    };
    ImportAddress: {
      /** one stood in the address */
      has_password: boolean;
      host: string;
      /** with dots in place of a password */
      path: string;
      port: string;
      scheme: "rtsp" | "rtsps";
      /** that stood in the address */
      username: string;
    };
    ImportColumn: {
      field: string;
      letter: string;
      /** as the sheet has it */
      title: string;
    };
    ImportError: {
      /** empty where the sheet has no such column */
      cell: string;
      code: string;
      field: string;
      /** which entry of a list, from 1; 0: the cell as a whole */
      item: number;
    };
    ImportLine: {
      /** in a unit of the step's own: bytes, rows, records */
      done: number;
      /** 0: not known yet */
      of: number;
      /** only in the last line: why nothing has changed */
      problem?: components["schemas"]["ImportProblem"];
      /** only in the last line */
      report?: components["schemas"]["ImportReport"];
      step?: "unpacking" | "reading" | "judging" | "writing";
    };
    ImportProblem: {
      /** stable code, to be translated */
      code: string;
      /** what is wrong, in English */
      detail?: string;
      /** the faulty fields */
      errors?: Array<components["schemas"]["FieldProblem"]>;
      /** what each row comes to, if some of them are why */
      import?: components["schemas"]["ImportReport"];
      /** what the words in the user's language need; the id in the way of a conflict */
      params?: Record<string, string>;
      /** names this request in the gateway's log */
      request_id: string;
      /** the HTTP status */
      status: number;
      /** the status in words */
      title: string;
      /** always about:blank; the code tells kinds apart */
      type: string;
    };
    ImportReport: {
      /** false: nothing has changed */
      applied: boolean;
      changed: number;
      columns: Array<components["schemas"]["ImportColumn"]>;
      duplicate: number;
      /** the row of the column names */
      header: number;
      new: number;
      rows: Array<components["schemas"]["ImportRow"]>;
      /** the sheet that was read: the first one with known column names */
      sheet: string;
      /** how many the workbook has */
      sheets: number;
      unchanged: number;
      wrong: number;
    };
    ImportRow: {
      /** how it was read; null if it could not be */
      address: components["schemas"]["ImportAddress"];
      /** of a wrong row */
      errors: Array<components["schemas"]["ImportError"]>;
      /** those that change */
      fields: Array<string>;
      /** of the camera; empty for one that is not there yet */
      id: string;
      name: string;
      /** 0: to be assigned */
      number: number;
      /** the row that a duplicate repeats; else 0 */
      of: number;
      /** as spreadsheets count */
      row: number;
      /** likewise; null without one */
      sub_address: components["schemas"]["ImportAddress"];
      verdict: "new" | "changed" | "unchanged" | "wrong" | "duplicate";
    };
    ListCamera: {
      items: Array<components["schemas"]["Camera"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListCameraUser: {
      items: Array<components["schemas"]["CameraUser"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListDevice: {
      items: Array<components["schemas"]["Device"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListEvent: {
      items: Array<components["schemas"]["Event"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListGrantedCamera: {
      items: Array<components["schemas"]["GrantedCamera"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListGrantedGroup: {
      items: Array<components["schemas"]["GrantedGroup"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListGroup: {
      items: Array<components["schemas"]["Group"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListListedUser: {
      items: Array<components["schemas"]["ListedUser"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListPersonWithRole: {
      items: Array<components["schemas"]["PersonWithRole"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListProbedCamera: {
      items: Array<components["schemas"]["ProbedCamera"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListProbes: {
      items: Array<components["schemas"]["Probes"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListSession: {
      items: Array<components["schemas"]["Session"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListTag: {
      items: Array<components["schemas"]["Tag"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListToken: {
      items: Array<components["schemas"]["Token"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListViewOfCamera: {
      items: Array<components["schemas"]["ViewOfCamera"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListWatchableCamera: {
      items: Array<components["schemas"]["WatchableCamera"]>;
      /** for ?cursor= of the next page; empty on the last */
      next_cursor: string;
      /** items that match on all pages */
      total: number;
    };
    ListedUser: {
      banned: boolean;
      readonly created_at: string;
      /** may be empty */
      email: string;
      first_name: string;
      /** false: nobody can sign in to it before an admin sets a password, as after moving in from the predecessor */
      readonly has_password: boolean;
      readonly id: string;
      /** device: a screen on a wall */
      readonly kind: "person" | "device";
      /** ru, en, or empty for the browser's */
      language: string;
      last_name: string;
      login: string;
      /** may be empty */
      middle_name: string;
      /** as people call them */
      readonly name: string;
      /** may be empty */
      phone: string;
      role: "user" | "moderator" | "admin";
      /** within the life of an access token; null: never signed in */
      readonly seen_at: string | null;
      readonly updated_at: string;
      /** rises with every change; the ETag */
      readonly version: number;
      /** views at once: null is the gateway's default, 0 none, else 1 to 64 */
      views_limit: number | null;
    };
    ManyGrants: {
      cameras?: Array<string> | null;
      /** when it ends; null or absent: never */
      expires_at?: string | null;
      groups?: Array<string> | null;
      reason?: string | null;
      users: Array<string> | null;
    };
    MyCamera: {
      id: string;
      location: string;
      name: string;
      number: number;
      /** when it last answered or showed a picture; null: never */
      readonly seen_at: string | null;
      /** unknown: nobody watches it and nobody has asked it; reachable: it answers, and nobody watches it */
      readonly state: "unknown" | "reachable" | "connecting" | "live" | "stalled" | "refused" | "unsupported";
      /** why; empty for a healthy camera */
      readonly state_code: string;
      /** null while unknown */
      readonly state_since: string | null;
      tags: Array<string>;
    };
    NewCamera: {
      /** rtsp:// or rtsps://; credentials in it are taken out and kept apart */
      address: string;
      location?: string | null;
      name: string;
      notes?: string | null;
      /** assigned if absent; never reused */
      number?: number | null;
      password?: string | null;
      sub_address?: string | null;
      /** true if absent */
      sweep?: boolean | null;
      tags?: Array<string> | null;
      transport?: "auto" | "tcp" | "udp" | null;
      username?: string | null;
    };
    NewDevice: {
      language?: string | null;
      name: string;
      notes?: string | null;
      views_limit?: number | null;
    };
    NewGroup: {
      name: string;
      notes?: string | null;
    };
    NewHLS: {
      /** evict_oldest, a person's act, if absent */
      admit?: "evict_oldest" | "if_free";
      /** what to call this screen to whoever it evicts */
      label?: string;
      /** the view whose place this one takes */
      replaces?: string;
      /** main if absent */
      stream?: "main" | "sub";
      /** the page's own id for the view; one is made if absent. The id of a view that runs by another transport goes on by HLS in the same place */
      view?: string;
    };
    NewProbes: {
      /** only cameras in this group */
      group?: string;
      ids?: Array<string> | null;
      /** only cameras with this tag */
      tag?: string;
    };
    NewToken: {
      /** absent or null: never */
      expires_at?: string | null;
      name: string;
      /** a ceiling, never above one's own role; that if absent */
      role?: "user" | "moderator" | "admin" | null;
    };
    NewUser: {
      banned?: boolean | null;
      email?: string | null;
      first_name?: string | null;
      language?: string | null;
      last_name?: string | null;
      login: string;
      middle_name?: string | null;
      password: string;
      phone?: string | null;
      /** user if absent */
      role?: "user" | "moderator" | "admin" | null;
      views_limit?: number | null;
    };
    Passport: {
      /** what to change */
      advice: Array<components["schemas"]["Advice"]>;
      at: string;
      /** null if there is no sound, or it is not known */
      audio: components["schemas"]["PassportAudio"];
      /** why no picture came, in the codes of a camera's state; empty if one did */
      code: string;
      hls: components["schemas"]["Carriage"];
      /** what it sends besides */
      others: Array<string>;
      /** what the words of the code need */
      params: Record<string, string>;
      /** what the camera calls itself */
      server: string;
      /** a picture (JPEG, at most 640 pixels wide): a path, or a data: URL of what is not kept; null if none */
      still: string | null;
      took_ms: number;
      /** how RTP came; empty if no session stood */
      transport: "tcp" | "udp" | "";
      /** running: it was looked at through a stream that was there already */
      via: "running" | "dialled";
      /** null if there are no pictures, or it is not known */
      video: components["schemas"]["PassportVideo"];
      webrtc: components["schemas"]["Carriage"];
    };
    PassportAudio: {
      channels: number;
      codec: string;
      /** Hz */
      sample_rate: number;
    };
    PassportVideo: {
      b_frames: boolean;
      bitrate_kbps: number;
      codec: string;
      /** measured; 0: too few pictures came */
      fps: number;
      height: number;
      /** seconds between keyframes, measured; null if fewer than two came in time */
      keyframe_s: number | null;
      level: string;
      profile: string;
      /** 0: unknown */
      width: number;
    };
    PasswordChange: {
      new_password: string;
      old_password: string;
    };
    Person: {
      id: string;
      /** left out where it is not known any more */
      kind?: "person" | "device";
      login: string;
      name: string;
    };
    PersonWithRole: {
      id: string;
      /** left out where it is not known any more */
      kind?: "person" | "device";
      login: string;
      name: string;
      role: "user" | "moderator" | "admin";
    };
    ProbeInput: {
      /** rtsp:// or rtsps://; credentials may stand in it */
      address?: string | null;
      /** what was found is kept with the camera if it is probed as it is */
      camera_id?: string;
      /** must be sent for another host, port or scheme than the camera's */
      password?: string | null;
      transport?: "auto" | "tcp" | "udp" | null;
      username?: string | null;
    };
    ProbedCamera: {
      camera: components["schemas"]["ProbedName"];
      /** null before it is done */
      passport: components["schemas"]["Passport"];
      state: "waiting" | "probing" | "done";
    };
    ProbedName: {
      id: string;
      name: string;
      number: number;
    };
    Probes: {
      began_at: string;
      /** who began it */
      by: string;
      done: number;
      /** null while it runs */
      ended_at: string | null;
      /** of those done: all others */
      failed: number;
      id: string;
      /** cameras in all */
      of: number;
      state: "running" | "done" | "cancelled";
      /** of those done: they give pictures that some way to the browser carries */
      well: number;
    };
    Problem: {
      /** stable code, to be translated */
      code: string;
      /** what is wrong, in English */
      detail?: string;
      /** the faulty fields */
      errors?: Array<components["schemas"]["FieldProblem"]>;
      /** what the words in the user's language need; the id in the way of a conflict */
      params?: Record<string, string>;
      /** names this request in the gateway's log */
      request_id: string;
      /** the HTTP status */
      status: number;
      /** the status in words */
      title: string;
      /** always about:blank; the code tells kinds apart */
      type: string;
    };
    SelfPatch: {
      first_name?: string | null;
      language?: string | null;
      last_name?: string | null;
      middle_name?: string | null;
      phone?: string | null;
    };
    Session: {
      /** when it was signed in */
      created_at: string;
      /** this request comes from it */
      current: boolean;
      /** unless it is used before */
      expires_at: string;
      id: string;
      /** the client's address when it was last seen */
      remote: string;
      /** within the life of an access token */
      seen_at: string;
      /** what the browser calls itself */
      user_agent: string;
    };
    Settings: {
      /** how long the event log is kept, in days; 30 to 3,650 */
      events_keep_days: number;
      /** how often it is asked whether cameras that nobody watches are there, in seconds; 60 to 86,400, 0: never */
      sweep_every_s: number;
      /** as in ETag */
      readonly version: number;
    };
    SettingsPatch: {
      /** 30 to 3,650 */
      events_keep_days?: number | null;
      /** 60 to 86,400; 0: never */
      sweep_every_s?: number | null;
    };
    SignIn: {
      /** login name or e-mail */
      login: string;
      password: string;
    };
    SignedIn: {
      /** for Authorization: Bearer */
      access_token: string;
      /** of the access token */
      expires_at: string;
      user: components["schemas"]["User"];
    };
    Tag: {
      /** how many have it */
      cameras: number;
      /** as one of the cameras has it written; case and ё make no other tag */
      tag: string;
    };
    Token: {
      created_at: string;
      /** null: never */
      expires_at: string | null;
      id: string;
      name: string;
      /** the client's address at that time */
      remote: string;
      /** a ceiling: it may do what its user may, and no more than this */
      role: "user" | "moderator" | "admin";
      /** the last use, within half a minute; null: never */
      seen_at: string | null;
    };
    TokenMade: {
      created_at: string;
      /** null: never */
      expires_at: string | null;
      id: string;
      name: string;
      /** the client's address at that time */
      remote: string;
      /** a ceiling: it may do what its user may, and no more than this */
      role: "user" | "moderator" | "admin";
      /** the last use, within half a minute; null: never */
      seen_at: string | null;
      /** for Authorization: Bearer; nobody can read it again */
      token: string;
    };
    User: {
      banned: boolean;
      readonly created_at: string;
      /** may be empty */
      email: string;
      first_name: string;
      /** false: nobody can sign in to it before an admin sets a password, as after moving in from the predecessor */
      readonly has_password: boolean;
      readonly id: string;
      /** device: a screen on a wall */
      readonly kind: "person" | "device";
      /** ru, en, or empty for the browser's */
      language: string;
      last_name: string;
      login: string;
      /** may be empty */
      middle_name: string;
      /** as people call them */
      readonly name: string;
      /** may be empty */
      phone: string;
      role: "user" | "moderator" | "admin";
      readonly updated_at: string;
      /** rises with every change; the ETag */
      readonly version: number;
      /** views at once: null is the gateway's default, 0 none, else 1 to 64 */
      views_limit: number | null;
    };
    UserFailed: {
      code: string;
      id: string;
    };
    UserPatch: {
      /** a ban signs the user out everywhere */
      banned?: boolean | null;
      email?: string | null;
      first_name?: string | null;
      language?: string | null;
      last_name?: string | null;
      login?: string | null;
      middle_name?: string | null;
      /** signs the user out everywhere */
      password?: string | null;
      phone?: string | null;
      role?: "user" | "moderator" | "admin" | null;
      /** null: the gateway's default */
      views_limit?: number | null;
    };
    UsersBulk: {
      ids: Array<string>;
      set: components["schemas"]["UsersSet"];
    };
    UsersChanged: {
      changed: number;
      failed: Array<components["schemas"]["UserFailed"]>;
      /** had these values already */
      unchanged: number;
    };
    UsersSet: {
      banned?: boolean | null;
      language?: string | null;
      role?: "user" | "moderator" | "admin" | null;
      /** null: the gateway's default */
      views_limit?: number | null;
    };
    Via: {
      /** when it ends; null: never */
      expires_at: string | null;
      /** null for a role */
      granted_at: string | null;
      /** the name, at that time, of who gave it */
      granted_by: string;
      /** empty but for a group */
      group_id: string;
      group_name: string;
      /** grant: to the camera itself; group: to a group that it is in; role: moderators and admins need no grant */
      kind: "grant" | "group" | "role";
      reason: string;
    };
    ViewOfCamera: {
      camera: components["schemas"]["CameraName"];
      /** for DELETE /views/{id} */
      id: string;
      /** what the page calls its screen */
      label: string;
      /** the gateway that serves it; empty for one alone */
      node: string;
      opened_at: string;
      /** the client's address */
      remote: string;
      transport: "webrtc" | "whep" | "hls";
      user: components["schemas"]["Person"];
      /** the page's own id for it */
      view: string;
    };
    WatchableCamera: {
      favorite: boolean;
      id: string;
      location: string;
      name: string;
      number: number;
      /** when it last answered or showed a picture; null: never */
      readonly seen_at: string | null;
      /** unknown: nobody watches it and nobody has asked it; reachable: it answers, and nobody watches it */
      readonly state: "unknown" | "reachable" | "connecting" | "live" | "stalled" | "refused" | "unsupported";
      /** why; empty for a healthy camera */
      readonly state_code: string;
      /** null while unknown */
      readonly state_since: string | null;
      tags: Array<string>;
    };
  };
}

export interface operations {
  "add-favorite": {
    path: {
      camera_id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "add-to-group": {
    path: {
      id: string;
      camera_id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "begin-probes": {
    body?: {
      "application/json": components["schemas"]["NewProbes"];
    };
    responses: {
      202: {
        "application/json": components["schemas"]["Probes"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "bulk-users": {
    body: {
      "application/json": components["schemas"]["UsersBulk"];
    };
    responses: {
      200: {
        "application/json": components["schemas"]["UsersChanged"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "camera-template": {
    query: {
      lang?: string;
    };
    responses: {
      200: {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": unknown;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "cancel-probes": {
    path: {
      id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "change-cameras": {
    body: {
      "application/json": components["schemas"]["CamerasChange"];
    };
    responses: {
      200: {
        "application/json": components["schemas"]["CamerasChanged"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "change-password": {
    body: {
      "application/json": components["schemas"]["PasswordChange"];
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "code-words": {
    responses: {
      200: {
        "application/json": unknown;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  codes: {
    responses: {
      200: {
        "application/json": unknown;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "copy-grants": {
    path: {
      id: string;
    };
    body?: {
      "application/json": components["schemas"]["GrantsCopy"];
    };
    responses: {
      200: {
        "application/json": components["schemas"]["GrantsCopied"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "create-camera": {
    body: {
      "application/json": components["schemas"]["NewCamera"];
    };
    responses: {
      201: {
        "application/json": components["schemas"]["Camera"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "create-device": {
    body: {
      "application/json": components["schemas"]["NewDevice"];
    };
    responses: {
      201: {
        "application/json": components["schemas"]["DeviceWithCode"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "create-group": {
    body: {
      "application/json": components["schemas"]["NewGroup"];
    };
    responses: {
      201: {
        "application/json": components["schemas"]["Group"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "create-token": {
    body: {
      "application/json": components["schemas"]["NewToken"];
    };
    responses: {
      201: {
        "application/json": components["schemas"]["TokenMade"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "create-user": {
    body: {
      "application/json": components["schemas"]["NewUser"];
    };
    responses: {
      201: {
        "application/json": components["schemas"]["User"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "delete-camera": {
    query: {
      /** delete it although it is in use */
      force?: boolean;
    };
    path: {
      id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "delete-cameras": {
    body: {
      "application/json": components["schemas"]["CamerasDeletion"];
    };
    responses: {
      200: {
        "application/json": components["schemas"]["CamerasDeleted"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "delete-device": {
    path: {
      id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "delete-group": {
    path: {
      id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "delete-my-token": {
    path: {
      id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "delete-user": {
    path: {
      id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "delete-user-token": {
    path: {
      id: string;
      token_id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  docs: {
    responses: {
      200: {
        "text/html": string;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "docs-script": {
    responses: {
      200: {
        "text/javascript": string;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "docs-style": {
    responses: {
      200: {
        "text/css": string;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "end-device-session": {
    path: {
      id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "end-my-session": {
    path: {
      id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "end-my-sessions": {
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "end-user-session": {
    path: {
      id: string;
      session_id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "end-user-sessions": {
    path: {
      id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "end-view": {
    path: {
      id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  errors: {
    responses: {
      200: {
        "text/html": string;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "errors-script": {
    responses: {
      200: {
        "text/javascript": string;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "export-cameras": {
    query: {
      passwords?: string;
      lang?: string;
    };
    responses: {
      200: {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": unknown;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "get-camera": {
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["Camera"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "get-device": {
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["Device"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "get-group": {
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["Group"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "get-me": {
    responses: {
      200: {
        "application/json": components["schemas"]["User"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "get-my-camera": {
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["MyCamera"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "get-passport-still": {
    query: {
      at?: string;
    };
    path: {
      id: string;
    };
    responses: {
      200: {
        "image/jpeg": unknown;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "get-person": {
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["PersonWithRole"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "get-probes": {
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["Probes"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "get-settings": {
    responses: {
      200: {
        "application/json": components["schemas"]["Settings"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "get-user": {
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["User"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "grant-camera": {
    path: {
      id: string;
      camera_id: string;
    };
    body?: {
      "application/json": components["schemas"]["GrantTerms"];
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "grant-group": {
    path: {
      id: string;
      group_id: string;
    };
    body?: {
      "application/json": components["schemas"]["GrantTerms"];
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "grant-many": {
    body: {
      "application/json": components["schemas"]["ManyGrants"];
    };
    responses: {
      200: {
        "application/json": components["schemas"]["GrantsGiven"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  healthz: {
    responses: {
      200: {
        "text/plain": string;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  hls: {
    path: {
      id: string;
    };
    body?: {
      "application/json": components["schemas"]["NewHLS"];
    };
    responses: {
      201: {
        "application/json": components["schemas"]["HLSView"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "hls-file": {
    path: {
      secret: string;
      file: string;
    };
    responses: {
      200: {
        "application/vnd.apple.mpegurl": unknown;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "import-cameras": {
    query: {
      dry_run?: string;
      skip_invalid?: string;
      as?: string;
      lang?: string;
    };
    body: {
      "multipart/form-data": {
        file: string;
      };
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ImportReport"];
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": unknown;
        "application/x-ndjson": components["schemas"]["ImportLine"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-camera-users": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
    };
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListCameraUser"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-cameras": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
      /** only cameras in one of these states; repeatable */
      state?: Array<"unknown" | "reachable" | "connecting" | "live" | "stalled" | "refused" | "unsupported"> | null;
      /** only cameras with all of these tags; repeatable */
      tag?: Array<string> | null;
      /** only cameras in this group */
      group?: string;
      /** only cameras with this transport */
      transport?: "auto" | "tcp" | "udp";
      /** only cameras whose last probe came to this: no picture, none that a browser can be shown, something to change, all well; repeatable */
      passport?: Array<"none" | "failed" | "uncarried" | "advice" | "well"> | null;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListCamera"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-devices": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListDevice"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-events": {
    query: {
      /** only these kinds; view. is all that begin so; may be given again */
      kind?: Array<"session." | "view." | "user." | "device." | "token." | "camera." | "group." | "grant." | "probe." | "settings." | "server." | "session.begun" | "session.refused" | "session.ended" | "view.begun" | "view.ended" | "user.created" | "user.changed" | "user.deleted" | "device.created" | "device.changed" | "device.deleted" | "token.created" | "token.deleted" | "camera.created" | "camera.changed" | "camera.deleted" | "camera.state" | "camera.exported" | "group.created" | "group.changed" | "group.deleted" | "grant.given" | "grant.withdrawn" | "probe.started" | "probe.ended" | "settings.changed" | "server.started" | "server.stopped" | "server.failed">;
      /** only these codes; may be given again */
      code?: Array<string> | null;
      /** only about this camera's id */
      camera?: string;
      /** only by or about this user's id */
      user?: string;
      /** words in names, logins, camera numbers, addresses and notes as they were then; case and ё do not matter */
      q?: string;
      /** inclusive */
      from?: string;
      /** exclusive */
      to?: string;
      /** only events with greater ids */
      after?: number;
      /** 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** id: oldest first, as without it; -id: newest first */
      sort?: "id" | "-id";
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListEvent"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-favorites": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
      /** only cameras in one of these states; repeatable */
      state?: Array<"unknown" | "reachable" | "connecting" | "live" | "stalled" | "refused" | "unsupported"> | null;
      /** only cameras with all of these tags; repeatable */
      tag?: Array<string> | null;
      /** only cameras in this group */
      group?: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListWatchableCamera"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-group-users": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
    };
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListCameraUser"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-groups": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListGroup"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-my-cameras": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
      /** only cameras in one of these states; repeatable */
      state?: Array<"unknown" | "reachable" | "connecting" | "live" | "stalled" | "refused" | "unsupported"> | null;
      /** only cameras with all of these tags; repeatable */
      tag?: Array<string> | null;
      /** only cameras in this group */
      group?: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListWatchableCamera"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-my-sessions": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListSession"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-my-tokens": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListToken"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-my-views": {
    responses: {
      200: {
        "application/json": components["schemas"]["ListViewOfCamera"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-people": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
      /** both if absent */
      kind?: "person" | "device";
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListPersonWithRole"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-probed-cameras": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
      /** only those */
      state?: "waiting" | "probing" | "done";
      /** only those that came to this, as in the list of cameras; repeatable */
      outcome?: Array<"none" | "failed" | "uncarried" | "advice" | "well"> | null;
    };
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListProbedCamera"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-probes": {
    responses: {
      200: {
        "application/json": components["schemas"]["ListProbes"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-tags": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListTag"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-user-cameras": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
      /** only cameras in one of these states; repeatable */
      state?: Array<"unknown" | "reachable" | "connecting" | "live" | "stalled" | "refused" | "unsupported"> | null;
      /** only cameras with all of these tags; repeatable */
      tag?: Array<string> | null;
      /** only cameras in this group */
      group?: string;
    };
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListGrantedCamera"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-user-groups": {
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListGrantedGroup"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-user-sessions": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
    };
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListSession"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-user-tokens": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
    };
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListToken"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-users": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
      /** only those of this role */
      role?: "user" | "moderator" | "admin";
      /** only those who are banned, or who are not */
      banned?: "true" | "false";
      /** only those who have a password, or who have none */
      has_password?: "true" | "false";
      /** person if absent */
      kind?: "person" | "device";
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListListedUser"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "list-views": {
    query: {
      /** items on a page: 100 if absent, at most 1,000 */
      limit?: number;
      /** next_cursor of the page before */
      cursor?: string;
      /** search text; case and ё do not matter */
      q?: string;
      /** a field's name, with a minus in front for descending */
      sort?: string;
      /** only this user's */
      user?: string;
      /** only of this camera */
      camera?: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["ListViewOfCamera"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  login: {
    body: {
      "application/json": components["schemas"]["SignIn"];
    };
    responses: {
      200: {
        "application/json": components["schemas"]["SignedIn"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "login-device": {
    body: {
      "application/json": components["schemas"]["DeviceSignIn"];
    };
    responses: {
      200: {
        "application/json": components["schemas"]["SignedIn"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  logout: {
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  metrics: {
    responses: {
      200: {
        "text/plain": string;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  openapi: {
    responses: {
      200: {
        "application/json": unknown;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "patch-camera": {
    header: {
      /** the ETag of the object as it was read; 412 if somebody has changed it since */
      "If-Match"?: string;
    };
    path: {
      id: string;
    };
    body: {
      "application/json": components["schemas"]["CameraPatch"];
    };
    responses: {
      200: {
        "application/json": components["schemas"]["Camera"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "patch-device": {
    header: {
      /** the ETag of the object as it was read; 412 if somebody has changed it since */
      "If-Match"?: string;
    };
    path: {
      id: string;
    };
    body: {
      "application/json": components["schemas"]["DevicePatch"];
    };
    responses: {
      200: {
        "application/json": components["schemas"]["Device"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "patch-group": {
    header: {
      /** the ETag of the object as it was read; 412 if somebody has changed it since */
      "If-Match"?: string;
    };
    path: {
      id: string;
    };
    body: {
      "application/json": components["schemas"]["GroupPatch"];
    };
    responses: {
      200: {
        "application/json": components["schemas"]["Group"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "patch-me": {
    header: {
      /** the ETag of the object as it was read; 412 if somebody has changed it since */
      "If-Match"?: string;
    };
    body: {
      "application/json": components["schemas"]["SelfPatch"];
    };
    responses: {
      200: {
        "application/json": components["schemas"]["User"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "patch-settings": {
    header: {
      /** the ETag of the object as it was read; 412 if somebody has changed it since */
      "If-Match"?: string;
    };
    body: {
      "application/json": components["schemas"]["SettingsPatch"];
    };
    responses: {
      200: {
        "application/json": components["schemas"]["Settings"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "patch-user": {
    header: {
      /** the ETag of the object as it was read; 412 if somebody has changed it since */
      "If-Match"?: string;
    };
    path: {
      id: string;
    };
    body: {
      "application/json": components["schemas"]["UserPatch"];
    };
    responses: {
      200: {
        "application/json": components["schemas"]["User"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "probe-camera": {
    body: {
      "application/json": components["schemas"]["ProbeInput"];
    };
    responses: {
      200: {
        "application/json": components["schemas"]["Passport"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "probes-sheet": {
    query: {
      lang?: string;
    };
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": unknown;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  readyz: {
    responses: {
      200: {
        "text/plain": string;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  refresh: {
    header: {
      /** handling=lenient (RFC 7240): 204 instead of 401 for somebody without a cookie */
      Prefer?: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["SignedIn"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "remove-favorite": {
    path: {
      camera_id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "remove-from-group": {
    path: {
      id: string;
      camera_id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "renew-device-code": {
    path: {
      id: string;
    };
    responses: {
      200: {
        "application/json": components["schemas"]["DeviceWithCode"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "revoke-camera": {
    path: {
      id: string;
      camera_id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "revoke-group": {
    path: {
      id: string;
      group_id: string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  signaling: {
    responses: {
      101: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "stream-events": {
    query: {
      after?: string;
      kind?: Array<"session." | "view." | "user." | "device." | "token." | "camera." | "group." | "grant." | "probe." | "settings." | "server." | "session.begun" | "session.refused" | "session.ended" | "view.begun" | "view.ended" | "user.created" | "user.changed" | "user.deleted" | "device.created" | "device.changed" | "device.deleted" | "token.created" | "token.deleted" | "camera.created" | "camera.changed" | "camera.deleted" | "camera.state" | "camera.exported" | "group.created" | "group.changed" | "group.deleted" | "grant.given" | "grant.withdrawn" | "probe.started" | "probe.ended" | "settings.changed" | "server.started" | "server.stopped" | "server.failed">;
      code?: string;
      camera?: string;
      user?: string;
      q?: string;
      from?: string;
      to?: string;
    };
    responses: {
      200: {
        "text/event-stream": string;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  whep: {
    query: {
      view?: string;
      admit?: string;
      replaces?: string;
    };
    path: {
      id: string;
    };
    body: {
      "application/sdp": string;
    };
    responses: {
      201: {
        "application/sdp": string;
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "whep-candidates": {
    path: {
      secret: string;
    };
    body: {
      "application/trickle-ice-sdpfrag": string;
    };
    responses: {
      204: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "whep-end": {
    path: {
      secret: string;
    };
    responses: {
      200: undefined;
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  "withdraw-many": {
    body: {
      "application/json": components["schemas"]["GrantPairs"];
    };
    responses: {
      200: {
        "application/json": components["schemas"]["GrantsWithdrawn"];
      };
      default: {
        "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
}

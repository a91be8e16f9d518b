// Made from spec/openapi.yaml by `npm run types`; change that instead.

export interface paths {
    "/api/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is being done to skills, and what was done. */
        get: operations["listJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How a job goes on. */
        get: operations["getJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who one is. */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change what one is called and which language one speaks. */
        patch: operations["patchMe"];
        trace?: never;
    };
    "/api/me/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was said in one's conversation, the newest frames first. */
        get: operations["getHistory"];
        put?: never;
        post?: never;
        /** Delete what was said in one's conversation. */
        delete: operations["deleteHistory"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me/logins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's logins. */
        get: operations["listLogins"];
        put?: never;
        /** Make a login with a token that lives long, for a device without a keyboard. */
        post: operations["addDevice"];
        /** End all of one's logins, this one too. */
        delete: operations["endLogins"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me/logins/{login}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of one's logins. */
        delete: operations["endLogin"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change one's password. All other logins end. */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's settings, as forms need them. */
        get: operations["listSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Write several of one's settings at once. */
        patch: operations["patchSettings"];
        trace?: never;
    };
    "/api/me/settings/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One of one's settings. */
        get: operations["getSetting"];
        /** Give one of one's settings a value. */
        put: operations["putSetting"];
        post?: never;
        /** Take the value of one of one's settings away. */
        delete: operations["deleteSetting"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the first account is still to be made. */
        get: operations["getSetup"];
        put?: never;
        /** Make the first account, an administrator. */
        post: operations["setUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/skills": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The skills, and what each can be told. */
        get: operations["listSkills"];
        put?: never;
        /** Fetch a skill with git and load it. */
        post: operations["addSkill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/skills/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take a skill out and delete its folder. */
        delete: operations["removeSkill"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/skills/{name}/update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Fetch what is new in a skill with git and load it. */
        post: operations["updateSkill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/skills/reload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Load what is new or changed in the skills' folders. */
        post: operations["reloadSkills"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the server is. */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in with a name and a password. */
        post: operations["getToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/token/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change a refresh token for a new pair. It is good once. */
        post: operations["refreshToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/token/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a token of either kind, its login, and the connections that live on them. */
        post: operations["revokeToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/token/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Find out whether a token of either kind is accepted right now. */
        post: operations["verifyToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/understand": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a sentence means, and why. */
        post: operations["understand"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All people. */
        get: operations["listUsers"];
        put?: never;
        /** Make an account. */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A person. */
        get: operations["getUser"];
        put?: never;
        post?: never;
        /** Delete a person with all that is kept of them. */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        /** Change, disable or enable a person. */
        patch: operations["patchUser"];
        trace?: never;
    };
    "/api/users/{id}/logins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A person's logins. */
        get: operations["listUserLogins"];
        put?: never;
        post?: never;
        /** End all logins of a person. */
        delete: operations["endUserLogins"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}/logins/{login}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a login of a person. */
        delete: operations["endUserLogin"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A person's settings, as forms need them. */
        get: operations["listUserSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Write several of a person's settings at once. */
        patch: operations["patchUserSettings"];
        trace?: never;
    };
    "/api/users/{id}/settings/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One of a person's settings. */
        get: operations["getUserSetting"];
        /** Give one of a person's settings a value. */
        put: operations["putUserSetting"];
        post?: never;
        /** Take the value of one of a person's settings away. */
        delete: operations["deleteUserSetting"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the server serves, whatever it lacks. */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Numbers about the server, for Prometheus.
         * @description Only the addresses that the operator allows get an answer; unless the operator says otherwise, that is the machine itself.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether conversations can be had. */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/spec/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Links to the files of the contract that this server implements. */
        get: operations["listContract"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/spec/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One file of the contract, such as `schema/answer.schema.json`. */
        get: operations["getContractFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws/assistant/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Open the conversation (asyncapi.yaml). A WebSocket handshake.
         * @description The address without the last slash means the same.
         */
        get: operations["converse"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A skill that failed so often that it is switched off for a while. */
        Breaker: {
            /** @description In a row. */
            failures: number;
            /** @description Seconds until one message tries the skill. */
            retry_after: number;
            skill: string;
            /**
             * @description `half-open` while one message tries the skill.
             * @enum {unknown}
             */
            state: "open" | "half-open";
        };
        /** @description Unknown fields are ignored. */
        Credentials: {
            /** @description What the login shall be called (protocol.md 6.11); the `User-Agent` when it is left out. */
            client?: string;
            /** @description Taken exactly as it is. */
            password: string;
            /** @description Spaces around it do not count; capitals do. */
            username: string;
        };
        Device: {
            login: components["schemas"]["Login"];
            /** @description An access token that lives long. It is shown this once. */
            token: string;
        };
        /**
         * @description What to call the person; empty for none.
         * @example Alice Martin
         */
        DisplayName: string;
        Health: {
            /** @constant */
            status: "ok";
        };
        /** @description A page of one's conversation. */
        History: {
            /** @description What to send as `before` for the page with the older ones; null when there are none. */
            before: number | null;
            /** @description In the order of `seq`. */
            frames: components["schemas"]["LoggedFrame"][];
        };
        /** @description How well off one language is. */
        InterpreterStatus: {
            error: string | null;
            intents: number;
            language: string;
            /** @enum {unknown} */
            state: "learning" | "ready" | "failed";
            trained_at: components["schemas"]["Time"] | null;
            /** @description How long learning took. */
            trained_seconds: number | null;
        };
        Job: {
            created_at: components["schemas"]["Time"];
            /** @description Null while it runs. */
            ended_at: components["schemas"]["Time"] | null;
            /** @description By which it is asked for. */
            id: string;
            /**
             * @description What is done.
             * @enum {unknown}
             */
            kind: "add" | "update" | "remove" | "reload";
            /** @description What it has said so far, for people. */
            lines: string[];
            /** @description Why it failed, in a sentence. */
            problem: string | null;
            /**
             * @description How far it is.
             * @enum {unknown}
             */
            state: "running" | "succeeded" | "failed";
            /** @description The source or the name of the skill; empty for `reload`. */
            subject: string;
        };
        JobList: {
            /** @description Newest first. */
            jobs: components["schemas"]["Job"][];
        };
        /**
         * @description Two letters, and perhaps a region.
         * @example fr-FR
         */
        Language: string;
        /** @description An error of the log. */
        LoggedError: {
            text: string;
            time: components["schemas"]["Time"];
        };
        LoggedFrame: {
            at: components["schemas"]["Time"];
            /** @description As it was sent (protocol.md 4); of any type that has `seq`. */
            frame: {
                seq: number;
                type: string;
            };
        };
        Login: {
            /** @description From where it was last used, when that is known. */
            address: string | null;
            /** @description What it is called; may be empty. */
            client: string;
            created_at: components["schemas"]["Time"];
            /** @description Whether this request was made with it. */
            current: boolean;
            /** @description When it ends if it is not renewed. */
            expires_at: components["schemas"]["Time"];
            /** @description By which it is ended. */
            id: string;
            /**
             * @description `device`: one that was made with `POST /api/me/logins`.
             * @enum {unknown}
             */
            kind: "password" | "device";
            /** @description When it was last used, to the minute. */
            seen_at: components["schemas"]["Time"];
        };
        LoginList: {
            /** @description Newest first. */
            logins: components["schemas"]["Login"][];
        };
        /** @description The person who asks. */
        Me: {
            /** @description Whether the person manages others. */
            admin: boolean;
            /** @description Null for accounts that are older than this field. */
            created_at: components["schemas"]["Time"] | null;
            /** @description What to call the person; may be empty. */
            display_name: string;
            /** @description Never given to somebody else. */
            id: number;
            /** @description As it was given, such as `fr-FR`. */
            language: string;
            /** @description What the person signs in with. */
            name: string;
        };
        /** @description What is left out stays. */
        MePatch: {
            display_name?: components["schemas"]["DisplayName"];
            language?: components["schemas"]["Language"];
        };
        /**
         * @description Not blank, and without characters that nobody sees. It is kept in Unicode form NFKC, without spaces around.
         * @example alice
         */
        Name: string;
        NewDevice: {
            /**
             * @description What the login shall be called.
             * @example kitchen
             */
            name: string;
        };
        /**
         * @description Taken exactly as it is; 422 when it is easy to guess.
         * @example correct horse battery
         */
        NewPassword: string;
        NewUser: {
            /** @default false */
            admin: boolean;
            display_name?: components["schemas"]["DisplayName"];
            language?: components["schemas"]["Language"];
            name: components["schemas"]["Name"];
            password: components["schemas"]["NewPassword"];
        };
        PasswordChange: {
            new: components["schemas"]["NewPassword"];
            /** @description The present one. */
            old: string;
        };
        /** @description RFC 9457, and our `code`. */
        Problem: {
            /** @description One of `problems` in errors.json; there may be new ones. */
            code: string;
            /** @description What was wrong and what would be right; in English, may change. */
            detail: string;
            /** @description The field of the request that it is about, when it is about one; `settings.WEATHER_UNITS` for one inside another. */
            field?: string;
            status: number;
            /** @description The status in words. */
            title: string;
            /**
             * Format: uri-reference
             * @description For people; a program reads `code`.
             */
            type: string;
        };
        /** @description Unknown fields are ignored. */
        RefreshToken: {
            refresh: string;
        };
        Sentence: {
            language?: components["schemas"]["Language"];
            /** @example set a timer for five minutes */
            sentence: string;
        };
        /** @description One setting as it is in force. */
        SettingField: {
            /** @description The skill's own words; may be empty. */
            description: string;
            /** @description As in the environment: `WEATHER_API_KEY`. */
            key: string;
            /** @description As in pytlas.ini; null when no skill declares it. */
            name: string | null;
            /** @description Whether its value is never told. */
            secret: boolean;
            /** @description As in pytlas.ini; null when no skill declares it. */
            section: string | null;
            /** @description Whether there is a value at all. */
            set: boolean;
            /** @description The skills that declare it; empty for a key of the person's own. */
            skills: string[];
            /**
             * @description Where the value comes from: the person, the environment or pytlas.ini of the server, or nowhere.
             * @enum {unknown}
             */
            source: "user" | "environment" | "file" | "default";
            /**
             * @description `list` is an array of strings, `path` a string.
             * @enum {unknown}
             */
            type: "string" | "integer" | "number" | "boolean" | "list" | "path";
            /** @description Of the type above, or text when it cannot be read so; null when there is none. Left out when `secret`, and for values of the server unless the reader is an administrator. */
            value?: string | number | boolean | string[] | null;
        };
        /**
         * @description Of the type that the field has; text when no skill declares the key.
         * @example metric
         */
        SettingInput: string | number | boolean | string[];
        /**
         * @description Either way to write it: `weather.api_key` or `WEATHER_API_KEY`. `UID` is reserved.
         * @example WEATHER_API_KEY
         */
        SettingKey: string;
        SettingList: {
            /** @description By key. */
            settings: components["schemas"]["SettingField"][];
        };
        /** @description All of it is written, or nothing. */
        SettingsPatch: {
            /** @description Values by key; null takes the value of the person away. */
            settings: {
                [key: string]: components["schemas"]["SettingInput"] | null;
            };
        };
        SettingValue: {
            value: components["schemas"]["SettingInput"];
        };
        Setup: {
            /** @description What the server printed when it started. */
            code: string;
            language?: components["schemas"]["Language"];
            password: components["schemas"]["NewPassword"];
            username: components["schemas"]["Name"];
        };
        SetupNeed: {
            /** @description Whether there is no account at all. */
            needed: boolean;
        };
        Skill: {
            /** @description Who made it. */
            author: string;
            /** @description Whether it came with the server. */
            bundled: boolean;
            /** @description What it does. */
            description: string;
            /** @description Where there is more about it. */
            homepage: string;
            /** @description What it handles. */
            intents: string[];
            /** @description Those it has sentences for. */
            languages: string[];
            /** @description Whether it takes part. */
            loaded: boolean;
            /** @description Its package. */
            name: string;
            /** @description What is wrong with it, a sentence each. Only administrators read the reasons, without credentials; others a general sentence. */
            problems: string[];
            /** @description What it reads about a person. */
            settings: components["schemas"]["SkillSetting"][];
            /** @description What it calls itself. */
            title: string;
            /** @description Those of them in which it is understood right now. */
            trained: string[];
            /** @description Its own. */
            version: string;
        };
        SkillList: {
            skills: components["schemas"]["Skill"][];
        };
        /** @description A setting that a skill declares. */
        SkillSetting: {
            /** @description The skill's own words; may be empty. */
            description: string;
            /** @description As in the environment: `WEATHER_API_KEY`. */
            key: string;
            name: string;
            /** @description Whether its value is never told. */
            secret: boolean;
            section: string;
            /**
             * @description `list` is an array of strings, `path` a string.
             * @enum {unknown}
             */
            type: "string" | "integer" | "number" | "boolean" | "list" | "path";
        };
        SkillSource: {
            /**
             * @description `owner/repository` at GitHub, or an address for git: `https://...`, `ssh://...` or `git@...`.
             * @example atlassistant/pytlas-weather
             */
            source: string;
        };
        Status: {
            autobahn: string;
            /** @description The skills that are switched off. */
            breakers?: components["schemas"]["Breaker"][];
            connections: number;
            conversations: number;
            /** @enum {unknown} */
            database: "sqlite" | "postgresql";
            /** @description The last 20, newest last. */
            errors: components["schemas"]["LoggedError"][];
            /** @description Which one understands sentences. */
            interpreter: string;
            /** @description One for each language in use. */
            interpreters: components["schemas"]["InterpreterStatus"][];
            /**
             * @description The version of the protocol.
             * @example 1.3
             */
            protocol: string;
            python: string;
            pytlas: string;
            server: {
                name: string;
                version: string;
            };
            started_at: components["schemas"]["Time"];
            twisted: string;
            uptime_seconds: number;
        };
        /**
         * Format: date-time
         * @description RFC 3339, in UTC, in whole seconds.
         * @example 2026-11-23T04:30:00Z
         */
        Time: string;
        /** @description Unknown fields are ignored. */
        Token: {
            /** @description An access token or a refresh token. */
            token: string;
        };
        TokenPair: {
            /** @description A JWT for `authenticate` and for `Authorization`. */
            access: string;
            /** @description A JWT that buys the next pair, once. */
            refresh: string;
        };
        TokenStatus: {
            /** @description Seconds. */
            expires_in: number;
            /** @enum {unknown} */
            token_type: "access" | "refresh";
            user_id: number;
        };
        Understanding: {
            /** @description How it was decided, a line each, for people. */
            explanation: string[];
            intents: components["schemas"]["UnderstoodIntent"][];
            language: string;
            understood: boolean;
        };
        UnderstoodIntent: {
            name: string;
            slots: components["schemas"]["UnderstoodSlot"][];
        };
        UnderstoodSlot: {
            name: string;
            /** @description The words it was read from, if they are known. */
            raw: string | null;
            /** @description For people. */
            value: string;
        };
        /** @description A person, as administrators see one. */
        User: components["schemas"]["Me"] & {
            /** @description Whether the person may sign in. */
            active: boolean;
            /** @description Whether the account was moved from pytlas-server. */
            original: boolean;
        };
        UserList: {
            /** @description By id. */
            users: components["schemas"]["User"][];
        };
        /** @description What is left out stays. A new password ends all logins of the person. */
        UserPatch: {
            active?: boolean;
            admin?: boolean;
            display_name?: components["schemas"]["DisplayName"];
            language?: components["schemas"]["Language"];
            name?: components["schemas"]["Name"];
            password?: components["schemas"]["NewPassword"];
        };
    };
    responses: {
        /** @description Somebody has this name, or no active administrator would be left. */
        AccountConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is not JSON, no object, or a field is missing or of the wrong type. */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The token is not accepted. */
        BadToken: {
            headers: {
                "WWW-Authenticate": components["headers"]["WWWAuthenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It is done. */
        Done: {
            headers: {
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The person is no administrator. */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A fault of the server. */
        InternalError: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A parameter is not as it should be. */
        InvalidParameter: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is not JSON or no object; or a field, a parameter or the key is missing, unknown, or not as it should be. */
        InvalidRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It has begun; see where `Location` points to for how it goes on. */
        Job: {
            headers: {
                Location: components["headers"]["Location"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Job"];
            };
        };
        /** @description Skills are being changed already. */
        JobRunning: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is not announced as JSON, or it is compressed. */
        JsonOnly: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No active administrator would be left. */
        LastAdmin: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The logins. */
        LoginList: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["LoginList"];
            };
        };
        /** @description The person who asks. */
        Me: {
            headers: {
                ETag: components["headers"]["ETag"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Me"];
            };
        };
        /** @description The resource does not have this method. */
        MethodNotAllowed: {
            headers: {
                Allow: components["headers"]["Allow"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Somebody has this name, or one that looks the same. */
        NameTaken: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The person is no administrator, or the operator has not enabled it. */
        NotEnabled: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such thing, or it is somebody else's. */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It was changed since; read it again. */
        Outdated: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is over `max_http_body_bytes`. */
        PayloadTooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many wrong passwords or codes came; wait. */
        RateLimited: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The setting as it is in force. */
        SettingField: {
            headers: {
                ETag: components["headers"]["ETag"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["SettingField"];
            };
        };
        /** @description The settings. */
        SettingList: {
            headers: {
                ETag: components["headers"]["ETag"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["SettingList"];
            };
        };
        /** @description There is, or was, an account already. */
        SetupDone: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The operator has switched the history off. */
        SwitchedOff: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A new pair of tokens. */
        TokenPair: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TokenPair"];
            };
        };
        /** @description The access token is missing or not accepted. */
        Unauthenticated: {
            headers: {
                "WWW-Authenticate": components["headers"]["WWWAuthenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Something the server needs cannot be reached right now. */
        Unavailable: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is neither JSON nor a form. */
        UnsupportedMediaType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The person. */
        User: {
            headers: {
                ETag: components["headers"]["ETag"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["User"];
            };
        };
        /** @description The new password is easy to guess; `detail` says why. */
        WeakPassword: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The code is wrong. */
        WrongCode: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The present password is wrong. */
        WrongPassword: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /** @description Only frames with a lower `seq`; the newest when it is left out. */
        Before: number;
        /** @description Write only if this is still the version (`ETag`), or `*`; else 412. */
        IfMatch: string;
        /** @description `id` of a job. */
        JobId: string;
        /** @description `current`: do not end the login that this request is made with. */
        Keep: "current";
        /** @description The language of titles and descriptions; else the caller's. */
        Language: components["schemas"]["Language"];
        /** @description How many frames at most. */
        Limit: number;
        /** @description `id` of a login. */
        LoginId: string;
        /** @description Either way to write a key: `weather.api_key` or `WEATHER_API_KEY`. */
        SettingKey: components["schemas"]["SettingKey"];
        /** @description `name` of a skill: its package. */
        SkillName: string;
        /** @description `id` of a user. */
        UserId: number;
    };
    requestBodies: {
        Credentials: {
            content: {
                "application/json": components["schemas"]["Credentials"];
                "application/x-www-form-urlencoded": components["schemas"]["Credentials"];
                "multipart/form-data": components["schemas"]["Credentials"];
            };
        };
        MePatch: {
            content: {
                "application/json": components["schemas"]["MePatch"];
            };
        };
        NewDevice: {
            content: {
                "application/json": components["schemas"]["NewDevice"];
            };
        };
        NewUser: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        PasswordChange: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        RefreshToken: {
            content: {
                "application/json": components["schemas"]["RefreshToken"];
                "application/x-www-form-urlencoded": components["schemas"]["RefreshToken"];
                "multipart/form-data": components["schemas"]["RefreshToken"];
            };
        };
        Sentence: {
            content: {
                "application/json": components["schemas"]["Sentence"];
            };
        };
        SettingsPatch: {
            content: {
                "application/json": components["schemas"]["SettingsPatch"];
            };
        };
        SettingValue: {
            content: {
                "application/json": components["schemas"]["SettingValue"];
            };
        };
        Setup: {
            content: {
                "application/json": components["schemas"]["Setup"];
            };
        };
        SkillSource: {
            content: {
                "application/json": components["schemas"]["SkillSource"];
            };
        };
        Token: {
            content: {
                "application/json": components["schemas"]["Token"];
                "application/x-www-form-urlencoded": components["schemas"]["Token"];
                "multipart/form-data": components["schemas"]["Token"];
            };
        };
        UserPatch: {
            content: {
                "application/json": components["schemas"]["UserPatch"];
            };
        };
    };
    headers: {
        /** @description The methods that there are. */
        Allow: string;
        /** @description The version of what was read or written, for `If-Match`. */
        ETag: string;
        /** @description Where to read what was made. */
        Location: string;
        /** @description Seconds. */
        RetryAfter: number;
        /** @description What to authenticate with; `Bearer`. */
        WWWAuthenticate: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listJobs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The jobs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `id` of a job. */
                id: components["parameters"]["JobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Me"];
            401: components["responses"]["Unauthenticated"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    patchMe: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if this is still the version (`ETag`), or `*`; else 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["MePatch"];
        responses: {
            200: components["responses"]["Me"];
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            405: components["responses"]["MethodNotAllowed"];
            412: components["responses"]["Outdated"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["JsonOnly"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getHistory: {
        parameters: {
            query?: {
                /** @description Only frames with a lower `seq`; the newest when it is left out. */
                before?: components["parameters"]["Before"];
                /** @description How many frames at most. */
                limit?: components["parameters"]["Limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of it, in the order of `seq`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["SwitchedOff"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteHistory: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["SwitchedOff"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listLogins: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["LoginList"];
            401: components["responses"]["Unauthenticated"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    addDevice: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["NewDevice"];
        responses: {
            /** @description The login and its token. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["JsonOnly"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    endLogins: {
        parameters: {
            query?: {
                /** @description `current`: do not end the login that this request is made with. */
                keep?: components["parameters"]["Keep"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["Unauthenticated"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    endLogin: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `id` of a login. */
                login: components["parameters"]["LoginId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["PasswordChange"];
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["WrongPassword"];
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["JsonOnly"];
            422: components["responses"]["WeakPassword"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["SettingList"];
            401: components["responses"]["Unauthenticated"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    patchSettings: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if this is still the version (`ETag`), or `*`; else 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["SettingsPatch"];
        responses: {
            200: components["responses"]["SettingList"];
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            405: components["responses"]["MethodNotAllowed"];
            412: components["responses"]["Outdated"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["JsonOnly"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getSetting: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Either way to write a key: `weather.api_key` or `WEATHER_API_KEY`. */
                key: components["parameters"]["SettingKey"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["SettingField"];
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    putSetting: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if this is still the version (`ETag`), or `*`; else 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Either way to write a key: `weather.api_key` or `WEATHER_API_KEY`. */
                key: components["parameters"]["SettingKey"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["SettingValue"];
        responses: {
            /** @description The setting as it is in force. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingField"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            405: components["responses"]["MethodNotAllowed"];
            412: components["responses"]["Outdated"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["JsonOnly"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteSetting: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if this is still the version (`ETag`), or `*`; else 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description Either way to write a key: `weather.api_key` or `WEATHER_API_KEY`. */
                key: components["parameters"]["SettingKey"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            412: components["responses"]["Outdated"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getSetup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether it is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SetupNeed"];
                };
            };
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    setUp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Setup"];
        responses: {
            201: components["responses"]["TokenPair"];
            400: components["responses"]["InvalidRequest"];
            403: components["responses"]["WrongCode"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["SetupDone"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["JsonOnly"];
            422: components["responses"]["WeakPassword"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listSkills: {
        parameters: {
            query?: {
                /** @description The language of titles and descriptions; else the caller's. */
                language?: components["parameters"]["Language"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The skills. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SkillList"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["Unauthenticated"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    addSkill: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["SkillSource"];
        responses: {
            202: components["responses"]["Job"];
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["NotEnabled"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["JobRunning"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["JsonOnly"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    removeSkill: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `name` of a skill: its package. */
                name: components["parameters"]["SkillName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["Job"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["NotEnabled"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["JobRunning"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateSkill: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `name` of a skill: its package. */
                name: components["parameters"]["SkillName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["Job"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["NotEnabled"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["JobRunning"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    reloadSkills: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["Job"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["JobRunning"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How it is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Credentials"];
        responses: {
            200: components["responses"]["TokenPair"];
            400: components["responses"]["BadRequest"];
            /** @description The name or the password is wrong, or the account is disabled. */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WWWAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    refreshToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["RefreshToken"];
        responses: {
            200: components["responses"]["TokenPair"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["BadToken"];
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Token"];
        responses: {
            /** @description The token is no longer accepted. Revoking it again says the same. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            /** @description It never was a token of this server. */
            401: {
                headers: {
                    "WWW-Authenticate": components["headers"]["WWWAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    verifyToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Token"];
        responses: {
            /** @description It is accepted. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenStatus"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["BadToken"];
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    understand: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["Sentence"];
        responses: {
            /** @description What it means. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Understanding"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["JsonOnly"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listUsers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The people. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserList"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["NewUser"];
        responses: {
            /** @description The person. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["NameTaken"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["JsonOnly"];
            422: components["responses"]["WeakPassword"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `id` of a user. */
                id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["User"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if this is still the version (`ETag`), or `*`; else 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description `id` of a user. */
                id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["LastAdmin"];
            412: components["responses"]["Outdated"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    patchUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if this is still the version (`ETag`), or `*`; else 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description `id` of a user. */
                id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["UserPatch"];
        responses: {
            200: components["responses"]["User"];
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["AccountConflict"];
            412: components["responses"]["Outdated"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["JsonOnly"];
            422: components["responses"]["WeakPassword"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listUserLogins: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `id` of a user. */
                id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["LoginList"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    endUserLogins: {
        parameters: {
            query?: {
                /** @description `current`: do not end the login that this request is made with. */
                keep?: components["parameters"]["Keep"];
            };
            header?: never;
            path: {
                /** @description `id` of a user. */
                id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    endUserLogin: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `id` of a user. */
                id: components["parameters"]["UserId"];
                /** @description `id` of a login. */
                login: components["parameters"]["LoginId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listUserSettings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `id` of a user. */
                id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["SettingList"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    patchUserSettings: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if this is still the version (`ETag`), or `*`; else 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description `id` of a user. */
                id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["SettingsPatch"];
        responses: {
            200: components["responses"]["SettingList"];
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            412: components["responses"]["Outdated"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["JsonOnly"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getUserSetting: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `id` of a user. */
                id: components["parameters"]["UserId"];
                /** @description Either way to write a key: `weather.api_key` or `WEATHER_API_KEY`. */
                key: components["parameters"]["SettingKey"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["SettingField"];
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    putUserSetting: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if this is still the version (`ETag`), or `*`; else 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description `id` of a user. */
                id: components["parameters"]["UserId"];
                /** @description Either way to write a key: `weather.api_key` or `WEATHER_API_KEY`. */
                key: components["parameters"]["SettingKey"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["SettingValue"];
        responses: {
            /** @description The setting as it is in force. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingField"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            412: components["responses"]["Outdated"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["JsonOnly"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteUserSetting: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if this is still the version (`ETag`), or `*`; else 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description `id` of a user. */
                id: components["parameters"]["UserId"];
                /** @description Either way to write a key: `weather.api_key` or `WEATHER_API_KEY`. */
                key: components["parameters"]["SettingKey"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["Done"];
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            412: components["responses"]["Outdated"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            405: components["responses"]["MethodNotAllowed"];
            503: components["responses"]["Unavailable"];
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The numbers, in the text format of Prometheus. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description The operator does not allow this address. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They can. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            405: components["responses"]["MethodNotAllowed"];
            /** @description They cannot; `detail` names what is not ready. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listContract: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One link for each file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            405: components["responses"]["MethodNotAllowed"];
        };
    };
    getContractFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The path below spec/; it may contain slashes. */
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "application/schema+json": unknown;
                    "application/yaml": string;
                    "text/markdown": string;
                };
            };
            /** @description There is nothing at this address. So answers every path not listed here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            405: components["responses"]["MethodNotAllowed"];
        };
    };
    converse: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The WebSocket is open; the client sends `authenticate` now. */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An upgrade to WebSocket that breaks RFC 6455; `detail` says how. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request is no upgrade to WebSocket. */
            426: {
                headers: {
                    Upgrade: "websocket";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
}
